// SPDX-License-Identifier: MIT
// ProviderRegistry: adding is immediate, changing where the money goes waits.
pragma solidity ^0.8.28;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract ProviderRegistryTest is EscrowTest {
    bytes32 private constant NEW = keccak256("new");

    function test_AddIsLiveAtOnce() public {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ProviderAdded(NEW, stranger, IProviderRegistry.Kind.Broker, AKT);
        vm.prank(lister);
        registry.add(NEW, stranger, IProviderRegistry.Kind.Broker, AKT);
        IProviderRegistry.Provider memory provider = registry.getProvider(NEW);
        assertEq(provider.payout, stranger);
        assertEq(uint8(provider.kind), uint8(IProviderRegistry.Kind.Broker));
        assertTrue(provider.live);
        assertEq(provider.priceAsset, AKT);
    }

    function test_AddRefusesWhatCannotBe() public {
        vm.startPrank(lister);
        vm.expectRevert(IProviderRegistry.ZeroId.selector);
        registry.add(bytes32(0), stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.ProviderExists.selector, PROVIDER));
        registry.add(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidPayout.selector, address(0)));
        registry.add(NEW, address(0), IProviderRegistry.Kind.Direct, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidPayout.selector, address(registry)));
        registry.add(NEW, address(registry), IProviderRegistry.Kind.Direct, bytes32(0));
    }

    function test_OnlyListersChangeAnything() public {
        address[3] memory others = [admin, agent, stranger];
        bytes32 role = registry.LISTER_ROLE();
        for (uint256 i = 0; i < others.length; i++) {
            vm.startPrank(others[i]);
            vm.expectRevert(_missingRole(others[i], role));
            registry.add(NEW, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
            vm.expectRevert(_missingRole(others[i], role));
            registry.setLive(PROVIDER, false);
            vm.expectRevert(_missingRole(others[i], role));
            registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
            vm.stopPrank();
        }
    }

    function test_ChangeWaitsAndThenAnyoneAppliesIt() public {
        vm.prank(lister);
        registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Broker, NOS);
        assertEq(registry.getChange(PROVIDER).readyAt, T0 + 2 days);
        assertEq(registry.getProvider(PROVIDER).payout, payout, "not yet");
        vm.warp(T0 + 2 days - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProviderRegistry.ChangeNotReady.selector, PROVIDER, T0 + 2 days, T0 + 2 days - 1
            )
        );
        registry.applyChange(PROVIDER);
        vm.warp(T0 + 2 days);
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ChangeApplied(PROVIDER, stranger, IProviderRegistry.Kind.Broker, NOS);
        vm.prank(payer);
        registry.applyChange(PROVIDER);
        IProviderRegistry.Provider memory provider = registry.getProvider(PROVIDER);
        assertEq(provider.payout, stranger);
        assertEq(uint8(provider.kind), uint8(IProviderRegistry.Kind.Broker));
        assertEq(provider.priceAsset, NOS);
        assertTrue(provider.live);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NoChangePending.selector, PROVIDER));
        registry.applyChange(PROVIDER);
    }

    /// What jobs keep is an entry's number: a change adds one and leaves the former as it was.
    function test_PayeesAreOnlyEverAdded() public {
        uint32 before = registry.getProvider(PROVIDER).payee;
        _assertPayee(before, payout, PROVIDER);
        vm.prank(lister);
        registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.warp(T0 + 2 days);
        registry.applyChange(PROVIDER);
        uint32 after_ = registry.getProvider(PROVIDER).payee;
        assertEq(after_, 4, "after the three that were listed");
        _assertPayee(before, payout, PROVIDER);
        _assertPayee(after_, stranger, PROVIDER);
        _assertPayee(0, address(0), bytes32(0));
        _assertPayee(5, address(0), bytes32(0));
    }

    function test_PriceAssetCanBecomeUsdAndBack() public {
        bytes32[2] memory assets = [bytes32(0), NOS];
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(lister);
            registry.proposeChange(AKASH, payout, IProviderRegistry.Kind.Broker, assets[i]);
            vm.warp(block.timestamp + 2 days);
            registry.applyChange(AKASH);
            assertEq(registry.getProvider(AKASH).priceAsset, assets[i]);
        }
    }

    function _assertPayee(uint32 index, address to, bytes32 provider) private view {
        IProviderRegistry.Payee memory payee = registry.getPayee(index);
        assertEq(payee.payout, to);
        assertEq(payee.provider, provider);
    }

    function test_NewProposalWaitsAnew() public {
        vm.startPrank(lister);
        registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.warp(T0 + 2 days - 1);
        registry.proposeChange(PROVIDER, payer, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.warp(T0 + 2 days);
        vm.expectRevert();
        registry.applyChange(PROVIDER);
    }

    function test_ListerOrAdminDropsAChange() public {
        address[2] memory allowed = [lister, admin];
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(lister);
            registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
            vm.prank(stranger);
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NotListerOrAdmin.selector, stranger));
            registry.cancelChange(PROVIDER);
            vm.expectEmit(address(registry));
            emit IProviderRegistry.ChangeCancelled(PROVIDER);
            vm.prank(allowed[i]);
            registry.cancelChange(PROVIDER);
            vm.prank(allowed[i]);
            vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.NoChangePending.selector, PROVIDER));
            registry.cancelChange(PROVIDER);
        }
        vm.warp(T0 + 10 days);
        assertEq(registry.getProvider(PROVIDER).payout, payout);
    }

    function test_UnknownProvidersCannotBeChanged() public {
        vm.startPrank(lister);
        bytes memory unknown = abi.encodeWithSelector(IProviderRegistry.ProviderUnknown.selector, NEW);
        vm.expectRevert(unknown);
        registry.setLive(NEW, true);
        vm.expectRevert(unknown);
        registry.proposeChange(NEW, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.InvalidPayout.selector, address(0)));
        registry.proposeChange(PROVIDER, address(0), IProviderRegistry.Kind.Direct, bytes32(0));
    }

    function test_LiveIsSwitchedAtOnce() public {
        vm.expectEmit(address(registry));
        emit IProviderRegistry.ProviderLiveSet(PROVIDER, false);
        vm.prank(lister);
        registry.setLive(PROVIDER, false);
        assertFalse(registry.getProvider(PROVIDER).live);
    }
}
