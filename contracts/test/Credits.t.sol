// SPDX-License-Identifier: MIT
// withdraw and withdrawFor: what waits for an account reaches that account only.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract CreditsTest is EscrowTest {
    function setUp() public override {
        super.setUp();
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 3600);
        usdc.pause();
        vm.prank(agent);
        router.complete(id, 1800, bytes32(0));
        usdc.unpause();
    }

    function test_OwnerWithdraws() public {
        vm.expectEmit(address(router));
        emit IComputeRouter.Withdrawn(payout, 975_000);
        vm.prank(payout);
        router.withdraw();
        assertEq(usdc.balanceOf(payout), 975_000);
        assertEq(router.credits(payout), 0);
        _assertSolvent();
    }

    function test_AnyonePushesItToTheOwnerOnly() public {
        vm.prank(stranger);
        router.withdrawFor(refundTo);
        assertEq(usdc.balanceOf(refundTo), 1_000_000);
        assertEq(usdc.balanceOf(stranger), 0);
    }

    function test_OnlyOnce() public {
        router.withdrawFor(refundTo);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.NothingCredited.selector, refundTo));
        router.withdrawFor(refundTo);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.NothingCredited.selector, stranger));
        router.withdraw();
    }

    function test_WhileBlacklistedTheCreditStays() public {
        usdc.blacklist(payout);
        vm.prank(payout);
        vm.expectRevert("Blacklistable: account is blacklisted");
        router.withdraw();
        assertEq(router.credits(payout), 975_000);
        usdc.unBlacklist(payout);
        vm.prank(payout);
        router.withdraw();
    }

    function test_PauseDoesNotStopIt() public {
        vm.prank(pauser);
        router.pause();
        vm.prank(payout);
        router.withdraw();
        assertEq(usdc.balanceOf(payout), 975_000);
    }
}
