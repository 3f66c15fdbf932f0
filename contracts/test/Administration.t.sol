// SPDX-License-Identifier: MIT
// Who may pause, unpause, move fees, rescue; what a deployment refuses; how the admin is handed over.
pragma solidity ^0.8.28;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ComputeRouter} from "../ComputeRouter.sol";
import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {IPriceGuard} from "../interfaces/IPriceGuard.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {EscrowTest} from "./support/EscrowTest.sol";
import {IFiatToken} from "./support/Usdc.sol";

contract AdministrationTest is EscrowTest {
    function test_EachRoleIsHeldByItsHolderOnly() public view {
        address[7] memory accounts = [admin, agent, quoter, pauser, lister, stranger, address(this)];
        bytes32[4] memory roles =
            [router.DEFAULT_ADMIN_ROLE(), router.AGENT_ROLE(), router.QUOTER_ROLE(), router.PAUSER_ROLE()];
        for (uint256 role = 0; role < roles.length; role++) {
            for (uint256 i = 0; i < accounts.length; i++) {
                assertEq(router.hasRole(roles[role], accounts[i]), role == i);
            }
        }
    }

    function test_PauserPausesAdminUnpauses() public {
        bytes32 pauserRole = router.PAUSER_ROLE();
        vm.prank(admin);
        vm.expectRevert(_missingRole(admin, pauserRole));
        router.pause();
        vm.startPrank(pauser);
        router.pause();
        vm.expectRevert(_missingRole(pauser, bytes32(0)));
        router.unpause();
        vm.stopPrank();
        vm.prank(admin);
        router.unpause();
        assertFalse(router.paused());
    }

    function test_EachVerbOfAdministrationIsItsRolesAlone() public {
        address[8] memory callers = [admin, pauser, agent, quoter, lister, payout, refundTo, stranger];
        bytes[4] memory calls = [
            abi.encodeCall(IComputeRouter.pause, ()),
            abi.encodeCall(IComputeRouter.unpause, ()),
            abi.encodeCall(IComputeRouter.setFeeRecipient, (stranger)),
            abi.encodeCall(IComputeRouter.rescue, (address(usdc), stranger, 0))
        ];
        for (uint256 verb = 0; verb < calls.length; verb++) {
            uint256 before = vm.snapshotState();
            for (uint256 i = 0; i < callers.length; i++) {
                if (verb == 1) {
                    vm.prank(pauser);
                    router.pause();
                }
                address holder = verb == 0 ? pauser : admin;
                vm.prank(callers[i]);
                (bool ok, bytes memory data) = address(router).call(calls[verb]);
                assertEq(ok, callers[i] == holder, vm.toString(calls[verb]));
                bytes32 role = verb == 0 ? router.PAUSER_ROLE() : bytes32(0);
                if (!ok) assertEq(data, _missingRole(callers[i], role));
                vm.revertToState(before);
            }
        }
    }

    /// The pause stops fund and start (tested with them) and nothing else.
    function test_WhilePausedEverythingElseGoesOn() public {
        bytes32[4] memory ids;
        IComputeRouter.Terms memory terms = _terms();
        for (uint256 i = 0; i < ids.length; i++) {
            terms.salt = bytes32(i);
            ids[i] = i < 2 ? _fund(terms) : _start(terms);
        }
        vm.prank(pauser);
        router.pause();
        vm.warp(block.timestamp + 1800);
        vm.prank(refundTo);
        router.stop(ids[2]);
        vm.startPrank(agent);
        router.cancel(ids[0]);
        router.checkpoint(ids[2], 900);
        router.complete(ids[2], 1800, bytes32(0));
        IComputeRouter.Completion[] memory batch = new IComputeRouter.Completion[](1);
        (batch[0].id, batch[0].usedSeconds) = (ids[3], 1800);
        router.completeMany(batch);
        vm.stopPrank();
        vm.warp(block.timestamp + 1800);
        router.reclaimMany(_ids(ids[1]));
        router.withdrawFor(feeRecipient);
        assertEq(_openCount(), 0);
        assertEq(usdc.balanceOf(refundTo), 2 * DEPOSIT + 2_000_000);
        assertEq(usdc.balanceOf(feeRecipient), 50_000);
        assertEq(usdc.balanceOf(address(router)), 0);
    }

    function test_FeeRecipientIsTheAdmins() public {
        vm.prank(agent);
        vm.expectRevert(_missingRole(agent, bytes32(0)));
        router.setFeeRecipient(agent);
        vm.startPrank(admin);
        vm.expectRevert(_invalid(address(0)));
        router.setFeeRecipient(address(0));
        vm.expectRevert(_invalid(address(router)));
        router.setFeeRecipient(address(router));
        vm.expectEmit(address(router));
        emit IComputeRouter.FeeRecipientChanged(feeRecipient, stranger);
        router.setFeeRecipient(stranger);
        vm.stopPrank();
    }

    /// Fees wait in the router: whoever received them when they were earned gets them, and nobody else ever.
    function test_FeesStayTheirRecipientsWhenItChanges() public {
        bytes32 first = _start(_terms());
        IComputeRouter.Terms memory terms = _terms();
        terms.salt = keccak256("second");
        bytes32 second = _start(terms);
        vm.warp(block.timestamp + 3600);
        vm.prank(agent);
        router.complete(first, 3600, bytes32(0));
        vm.prank(admin);
        router.setFeeRecipient(stranger);
        vm.prank(agent);
        router.complete(second, 1800, bytes32(0));
        assertEq(router.credits(feeRecipient), 50_000);
        assertEq(router.credits(stranger), 25_000);
        assertEq(router.totalCredits(), 75_000);
        _assertSolvent();

        vm.startPrank(admin);
        router.setFeeRecipient(feeRecipient);
        router.setFeeRecipient(stranger);
        vm.stopPrank();
        router.withdrawFor(stranger);
        vm.prank(payer);
        router.withdrawFor(feeRecipient);
        assertEq(usdc.balanceOf(feeRecipient), 50_000);
        assertEq(usdc.balanceOf(stranger), 25_000);
        assertEq(usdc.balanceOf(address(router)), 0);
        _assertSolvent();
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.NothingCredited.selector, feeRecipient));
        router.withdrawFor(feeRecipient);
    }

    /// A recipient that is also a payee waits for both, and a withdrawal pays both.
    function test_FeesAndCreditsOfOneAccountLeaveTogether() public {
        vm.prank(admin);
        router.setFeeRecipient(payout);
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 3600);
        usdc.blacklist(payout);
        vm.prank(agent);
        router.complete(id, 1800, bytes32(0));
        assertEq(router.credits(payout), 1_000_000);
        assertEq(router.totalCredits(), 1_000_000);
        usdc.unBlacklist(payout);
        router.withdrawFor(payout);
        assertEq(usdc.balanceOf(payout), 1_000_000);
        assertEq(router.totalCredits(), 0);
        _assertSolvent();
    }

    function test_FeesCannotBeRescued() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 3600);
        vm.prank(agent);
        router.complete(id, 3600, bytes32(0));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.RescueTooMuch.selector, 1, 0));
        router.rescue(address(usdc), admin, 1);
    }

    /// I8: only what no job and no credit needs can leave.
    function test_RescueReachesStrayTokensOnly() public {
        _fund(_terms());
        usdc.mint(address(router), 700);
        vm.prank(stranger);
        vm.expectRevert(_missingRole(stranger, bytes32(0)));
        router.rescue(address(usdc), stranger, 1);
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.RescueTooMuch.selector, 701, 700));
        router.rescue(address(usdc), admin, 701);
        vm.expectRevert(_invalid(address(0)));
        router.rescue(address(usdc), address(0), 1);
        vm.expectEmit(address(router));
        emit IComputeRouter.Rescued(address(usdc), admin, 700);
        router.rescue(address(usdc), admin, 700);
        vm.stopPrank();
        assertEq(usdc.balanceOf(admin), 700);
        _assertSolvent();
    }

    function test_RescueMovesAnyOtherToken() public {
        IFiatToken other = deployUsdc("Bridged USDC");
        other.mint(address(router), 5e6);
        vm.prank(admin);
        router.rescue(address(other), stranger, 5e6);
        assertEq(other.balanceOf(stranger), 5e6);
    }

    function test_CreditsCannotBeRescued() public {
        bytes32 id = _fund(_terms());
        usdc.blacklist(refundTo);
        vm.prank(agent);
        router.cancel(id);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.RescueTooMuch.selector, 1, 0));
        router.rescue(address(usdc), admin, 1);
    }

    function test_AdminIsHandedOverAfterItsDelay() public {
        vm.prank(admin);
        router.beginDefaultAdminTransfer(stranger);
        vm.warp(block.timestamp + 1 days);
        vm.prank(stranger);
        vm.expectRevert();
        router.acceptDefaultAdminTransfer();
        vm.warp(block.timestamp + 1);
        vm.prank(stranger);
        router.acceptDefaultAdminTransfer();
        assertEq(router.defaultAdmin(), stranger);
    }

    function test_DeploymentRefusesWhatCannotWork() public {
        IComputeRouter.InitialRoles memory roles;
        // A feed answers decimals() too, which is all that the constructor asks of its token.
        IERC20 wrong = IERC20(address(new MockV3Aggregator(18, 1)));
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.NotSixDecimals.selector, wrong, 18));
        new ComputeRouter(admin, 1 days, wrong, registry, guard, feeRecipient, roles);
    }

    function test_DeploymentNeedsItsParts() public {
        IComputeRouter.InitialRoles memory roles;
        IERC20 token = IERC20(address(usdc));
        vm.expectRevert(_invalid(address(0)));
        new ComputeRouter(admin, 1 days, token, IProviderRegistry(address(0)), guard, feeRecipient, roles);
        vm.expectRevert(_invalid(stranger));
        new ComputeRouter(admin, 1 days, token, registry, IPriceGuard(stranger), feeRecipient, roles);
        vm.expectRevert(_invalid(address(0)));
        new ComputeRouter(admin, 1 days, token, registry, guard, address(0), roles);
    }

    function _ids(bytes32 one) private pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = one;
    }

    function _invalid(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IComputeRouter.InvalidAddress.selector, account);
    }
}
