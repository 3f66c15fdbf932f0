// SPDX-License-Identifier: MIT
// complete: the last release and the refund.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract CompleteTest is EscrowTest {
    function test_PaysTheTimeUsedAndRefundsTheRest() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 5000);
        vm.expectEmit(address(router));
        bytes32 evidence = keccak256("evidence");
        emit IComputeRouter.JobSettled(id, PROVIDER, 1800, 975_000, 25_000, 1_000_000, 1_000_000, evidence);
        vm.prank(agent);
        router.complete(id, 1800, keccak256("evidence"));
        assertEq(usdc.balanceOf(payout), 975_000);
        assertEq(usdc.balanceOf(feeRecipient), 25_000);
        assertEq(usdc.balanceOf(refundTo), 1_000_000);
        assertEq(usdc.balanceOf(address(router)), 0);
        assertEq(router.totalLocked(), 0);
        assertEq(router.openJobCount(), 0);
        IComputeRouter.Job memory job = router.getJob(id);
        assertEq(job.paid, 1_000_000);
        assertEq(job.usedSeconds, 1800);
    }

    function test_NeverBootedCostsNothing() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.minSeconds = 3600;
        bytes32 id = _start(terms);
        vm.warp(block.timestamp + 500);
        vm.prank(agent);
        router.complete(id, 0, bytes32(0));
        assertEq(usdc.balanceOf(refundTo), DEPOSIT);
        assertEq(usdc.balanceOf(payout) + usdc.balanceOf(feeRecipient), 0);
    }

    function test_WholeTimeLeavesOnlyTheRoundingToRefund() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.pricePerHour, terms.maxSeconds) = (1_000_001, 1001);
        bytes32 id = _start(terms);
        assertEq(router.getJob(id).deposit, 278_056);
        vm.warp(block.timestamp + 1001);
        vm.prank(agent);
        router.complete(id, 1001, bytes32(0));
        assertEq(router.getJob(id).paid, 278_055);
        assertEq(usdc.balanceOf(refundTo), 1);
    }

    function test_PossibleUntilSomebodyReclaims() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 400 days);
        vm.prank(agent);
        router.complete(id, 3600, bytes32(0));
        _assertStatus(id, IComputeRouter.Status.Settled);
    }

    function test_BlacklistedProviderIsCreditedEverybodyElsePaid() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 3600);
        usdc.blacklist(payout);
        vm.expectEmit(address(router));
        emit IComputeRouter.Credited(payout, id, 975_000);
        vm.prank(agent);
        router.complete(id, 1800, bytes32(0));
        assertEq(router.credits(payout), 975_000);
        assertEq(usdc.balanceOf(refundTo), 1_000_000);
        assertEq(usdc.balanceOf(feeRecipient), 25_000);
        _assertSolvent();
    }

    function test_WhileUsdcIsPausedEverybodyIsCredited() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 3600);
        usdc.pause();
        vm.prank(agent);
        router.complete(id, 1800, bytes32(0));
        assertEq(router.credits(payout), 975_000);
        assertEq(router.credits(feeRecipient), 25_000);
        assertEq(router.credits(refundTo), 1_000_000);
        _assertSolvent();
    }

    function test_BrokenFeedsDoNotMatter() public {
        bytes32 id = _start(_terms());
        vm.etch(address(usdcFeed), hex"fe");
        vm.warp(block.timestamp + 3600);
        vm.prank(agent);
        router.complete(id, 3600, bytes32(0));
        assertEq(usdc.balanceOf(payout), 1_950_000);
    }
}
