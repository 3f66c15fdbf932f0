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
        assertEq(router.credits(feeRecipient), 25_000);
        assertEq(usdc.balanceOf(refundTo), 1_000_000);
        assertEq(usdc.balanceOf(address(router)), 25_000, "the fee, until it is withdrawn");
        assertEq(router.totalLocked(), 0);
        assertEq(_openCount(), 0);
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
        assertEq(usdc.balanceOf(payout) + router.credits(feeRecipient), 0);
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
        assertEq(router.credits(feeRecipient), 25_000);
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

    function test_OneBadJobDoesNotDisturbTheBatch() public {
        (bytes32 first, bytes32 early, bytes32 last) = (_startNumber(1), _startNumber(2), _startNumber(3));
        vm.warp(block.timestamp + 1800);
        usdc.blacklist(refundTo);
        bytes32 nobody = keccak256("nobody");
        IComputeRouter.Completion[] memory batch = new IComputeRouter.Completion[](5);
        batch[0] = IComputeRouter.Completion(first, 1800, keccak256("evidence"));
        batch[1] = IComputeRouter.Completion(early, 1801, bytes32(0));
        batch[2] = IComputeRouter.Completion(nobody, 1, bytes32(0));
        batch[3] = IComputeRouter.Completion(first, 1800, bytes32(0));
        batch[4] = IComputeRouter.Completion(last, 900, bytes32(0));
        vm.expectEmit(address(router));
        emit IComputeRouter.JobSettled(
            first, PROVIDER, 1800, 975_000, 25_000, 1_000_000, 1_000_000, keccak256("evidence")
        );
        vm.expectEmit(address(router));
        emit IComputeRouter.CompleteFailed(
            early, abi.encodeWithSelector(IComputeRouter.UsedAboveElapsed.selector, early, 1801, 1800)
        );
        vm.expectEmit(address(router));
        emit IComputeRouter.CompleteFailed(nobody, _wrongStatus(nobody, IComputeRouter.Status.None));
        vm.expectEmit(address(router));
        emit IComputeRouter.CompleteFailed(first, _wrongStatus(first, IComputeRouter.Status.Settled));
        vm.prank(agent);
        router.completeMany(batch);
        _assertStatus(first, IComputeRouter.Status.Settled);
        _assertStatus(early, IComputeRouter.Status.Active);
        _assertStatus(last, IComputeRouter.Status.Settled);
        assertEq(usdc.balanceOf(payout), 975_000 + 487_500);
        assertEq(router.credits(refundTo), 1_000_000 + 1_500_000);
        _assertSolvent();
    }

    function test_BatchIsTheAgentsAndHasAnEnd() public {
        vm.expectRevert(_missingRole(stranger, router.AGENT_ROLE()));
        vm.prank(stranger);
        router.completeMany(new IComputeRouter.Completion[](1));
        vm.startPrank(agent);
        router.completeMany(new IComputeRouter.Completion[](0));
        router.completeMany(new IComputeRouter.Completion[](100));
        vm.expectRevert(abi.encodeWithSelector(IComputeRouter.BatchTooLarge.selector, 101, 100));
        router.completeMany(new IComputeRouter.Completion[](101));
        vm.stopPrank();
    }

    function _startNumber(uint256 salt) private returns (bytes32) {
        IComputeRouter.Terms memory terms = _terms();
        terms.salt = bytes32(salt);
        return _start(terms);
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
