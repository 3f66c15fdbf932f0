// SPDX-License-Identifier: MIT
// checkpoint: what a counter may say, and what it releases.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract CheckpointTest is EscrowTest {
    function test_ReleasesTheDifference() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobCheckpointed(id, PROVIDER, 900, 487_500, 12_500, 500_000);
        router.checkpoint(id, 900);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobCheckpointed(id, PROVIDER, 1000, 54_167, 1388, 555_555);
        router.checkpoint(id, 1000);
        assertEq(usdc.balanceOf(payout), 541_667);
        assertEq(router.credits(feeRecipient), 13_888);
        assertEq(router.getJob(id).usedSeconds, 1000);
        assertEq(router.totalLocked(), DEPOSIT - 555_555);
        _assertSolvent();
    }

    function test_RepeatingAValuePaysNothing() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        router.checkpoint(id, 900);
        uint256 before = usdc.balanceOf(payout);
        router.checkpoint(id, 900);
        assertEq(usdc.balanceOf(payout), before);
    }

    function test_CounterNeverFalls() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        router.checkpoint(id, 900);
        bytes memory refusal = abi.encodeWithSelector(IComputeRouter.UsedDecreased.selector, id, 900, 899);
        vm.expectRevert(refusal);
        router.checkpoint(id, 899);
        vm.expectRevert(refusal);
        router.complete(id, 899, bytes32(0));
    }

    function test_WallClockIsTheLimit() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        bytes memory refusal = abi.encodeWithSelector(IComputeRouter.UsedAboveElapsed.selector, id, 1001, 1000);
        vm.expectRevert(refusal);
        router.checkpoint(id, 1001);
        vm.expectRevert(refusal);
        router.complete(id, 1001, bytes32(0));
        router.checkpoint(id, 1000);
    }

    function test_MaxSecondsIsTheLimit() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 10_000);
        vm.startPrank(agent);
        bytes memory refusal = abi.encodeWithSelector(IComputeRouter.UsedAboveMax.selector, id, 3601, 3600);
        vm.expectRevert(refusal);
        router.checkpoint(id, 3601);
        vm.expectRevert(refusal);
        router.complete(id, 3601, bytes32(0));
        vm.expectRevert(refusal);
        router.owed(id, 3601);
        router.checkpoint(id, 3600);
        assertEq(router.getJob(id).paid, DEPOSIT);
    }

    function test_MinimumIsPaidWithTheFirstSecond() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.minSeconds = 600;
        bytes32 id = _start(terms);
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        router.checkpoint(id, 0);
        assertEq(router.getJob(id).paid, 0);
        router.checkpoint(id, 1);
        assertEq(router.getJob(id).paid, 333_333);
        router.checkpoint(id, 600);
        assertEq(router.getJob(id).paid, 333_333);
        router.checkpoint(id, 900);
        assertEq(router.getJob(id).paid, 500_000);
        assertEq(router.owed(id, 900), 500_000);
    }

    function test_PauseDoesNotStopIt() public {
        bytes32 id = _start(_terms());
        vm.prank(pauser);
        router.pause();
        vm.warp(block.timestamp + 1000);
        vm.startPrank(agent);
        router.checkpoint(id, 900);
        router.complete(id, 900, bytes32(0));
        _assertStatus(id, IComputeRouter.Status.Settled);
    }

    function test_OwedNeedsAJob() public {
        vm.expectRevert(_wrongStatus(keccak256("nobody"), IComputeRouter.Status.None));
        router.owed(keccak256("nobody"), 0);
    }
}
