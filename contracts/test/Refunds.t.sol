// SPDX-License-Identifier: MIT
// cancel, stop, reclaim, reclaimMany, checker: how a payer gets the money back.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract RefundsTest is EscrowTest {
    function test_CancelRefundsTheWholeDeposit() public {
        bytes32 id = _fund(_terms());
        vm.expectEmit(address(router));
        emit IComputeRouter.JobRefunded(id, refundTo, DEPOSIT, true);
        vm.prank(agent);
        router.cancel(id);
        assertEq(usdc.balanceOf(refundTo), DEPOSIT);
        _assertStatus(id, IComputeRouter.Status.Refunded);
        _assertSolvent();
    }

    function test_FundedIsReclaimableTheSecondAfterStartBy() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes32 id = _fund(terms);
        assertEq(router.reclaimableAfter(id), terms.startBy);
        vm.warp(terms.startBy);
        vm.expectRevert(_notYet(id));
        router.reclaim(id);
        vm.warp(terms.startBy + 1);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobRefunded(id, refundTo, DEPOSIT, false);
        vm.prank(stranger);
        router.reclaim(id);
        assertEq(usdc.balanceOf(refundTo), DEPOSIT);
        assertEq(usdc.balanceOf(stranger), 0);
    }

    function test_ActiveIsReclaimableThreeDaysAfterItsLastSecond() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 1800);
        vm.prank(agent);
        router.checkpoint(id, 900);
        uint256 last = T0 + 3600 + 72 hours;
        assertEq(router.reclaimableAfter(id), last);
        vm.warp(last);
        vm.expectRevert(_notYet(id));
        router.reclaim(id);
        vm.warp(last + 1);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobExpired(id, refundTo, 1_500_000, 900, 500_000);
        vm.prank(stranger);
        router.reclaim(id);
        assertEq(usdc.balanceOf(refundTo), 1_500_000);
        assertEq(usdc.balanceOf(payout), 487_500);
        _assertStatus(id, IComputeRouter.Status.Expired);
    }

    /// Router paused, feeds dead, agent and admin gone: the payer still gets the money.
    function test_NothingCanHoldARefundUp() public {
        bytes32 funded = _fund(_terms());
        IComputeRouter.Terms memory terms = _terms();
        terms.salt = keccak256("second");
        bytes32 active = _start(terms);
        vm.prank(pauser);
        router.pause();
        bytes32 role = router.AGENT_ROLE();
        vm.prank(admin);
        router.revokeRole(role, agent);
        vm.etch(address(usdcFeed), hex"fe");
        vm.etch(address(guard), hex"fe");
        vm.etch(address(registry), hex"fe");
        vm.warp(router.reclaimableAfter(active) + 1);
        router.reclaim(funded);
        router.reclaim(active);
        assertEq(usdc.balanceOf(refundTo), 2 * DEPOSIT);
    }

    function test_BlacklistedRefundWaitsForItsOwner() public {
        bytes32 id = _fund(_terms());
        usdc.blacklist(refundTo);
        vm.prank(agent);
        router.cancel(id);
        assertEq(router.credits(refundTo), DEPOSIT);
        _assertSolvent();
    }

    function test_StopIsARequestOnce() public {
        bytes32 id = _start(_terms());
        vm.warp(block.timestamp + 60);
        vm.expectEmit(address(router));
        emit IComputeRouter.StopRequested(id, refundTo);
        vm.startPrank(refundTo);
        router.stop(id);
        assertEq(router.getJob(id).stopRequestedAt, block.timestamp);
        _assertStatus(id, IComputeRouter.Status.Active);
        vm.expectRevert(
            abi.encodeWithSelector(IComputeRouter.StopAlreadyRequested.selector, id, block.timestamp)
        );
        router.stop(id);
        vm.stopPrank();
        vm.prank(agent);
        router.complete(id, 60, bytes32(0));
    }

    function test_CheckerNamesWhatIsDueAndItsPayloadReclaimsIt() public {
        bytes32[] memory ids = _fundMany(5);
        vm.prank(agent);
        router.start(ids[1]);
        (bool canExec, bytes memory payload) = router.checker(0, 10);
        assertFalse(canExec);
        assertEq(string(payload), "nothing to reclaim");

        vm.warp(router.reclaimableAfter(ids[0]) + 1);
        (canExec, payload) = router.checker(0, 10);
        assertTrue(canExec);
        vm.prank(stranger);
        (bool ok,) = address(router).call(payload);
        assertTrue(ok);
        assertEq(_openCount(), 1);
        assertEq(router.openJobs(0, 10)[0], ids[1]);
        assertEq(usdc.balanceOf(refundTo), 4 * DEPOSIT);
    }

    function test_CheckerPages() public {
        _fundMany(5);
        vm.warp(block.timestamp + 30 days);
        (, bytes memory payload) = router.checker(1, 3);
        (bool ok,) = address(router).call(payload);
        assertTrue(ok);
        assertEq(_openCount(), 2);
        // The first and the last kept their places.
        assertEq(router.placeCount(), 5);
        assertEq(router.openJobs(0, 1).length, 1);
        assertEq(router.openJobs(1, 3).length, 0);
        assertEq(router.openJobs(4, type(uint256).max).length, 1);
        (bool canExec,) = router.checker(5, 10);
        assertFalse(canExec, "past the end");
        (canExec,) = router.checker(1, 3);
        assertFalse(canExec, "only left places");
        (canExec,) = router.checker(0, 0);
        assertFalse(canExec, "empty page");
        (canExec,) = router.checker(1, type(uint256).max);
        assertTrue(canExec, "huge limit");
    }

    function test_OneBadJobDoesNotDisturbTheBatch() public {
        bytes32[] memory ids = _fundMany(3);
        vm.prank(agent);
        router.start(ids[1]);
        vm.warp(router.reclaimableAfter(ids[0]) + 1);
        bytes32[] memory batch = new bytes32[](5);
        (batch[0], batch[1], batch[2], batch[3], batch[4]) = (ids[0], ids[1], keccak256("nobody"), ids[0], ids[2]);
        vm.expectEmit(address(router));
        emit IComputeRouter.ReclaimFailed(ids[1], _notYet(ids[1]));
        vm.expectEmit(address(router));
        emit IComputeRouter.ReclaimFailed(batch[2], _wrongStatus(batch[2], IComputeRouter.Status.None));
        vm.expectEmit(address(router));
        emit IComputeRouter.ReclaimFailed(ids[0], _wrongStatus(ids[0], IComputeRouter.Status.Refunded));
        router.reclaimMany(batch);
        _assertStatus(ids[0], IComputeRouter.Status.Refunded);
        _assertStatus(ids[1], IComputeRouter.Status.Active);
        _assertStatus(ids[2], IComputeRouter.Status.Refunded);
    }

    /// Whatever order jobs come and go in, the places hold exactly the open ones, and no more than were ever open at once.
    function testFuzz_PlacesSurviveAnyOrder(uint256 seed) public {
        bytes32[] memory open = new bytes32[](8);
        uint256 count = 0;
        uint256 most = 0;
        IComputeRouter.Terms memory terms = _terms();
        for (uint256 i = 0; i < 24; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (count == 0 || (count < open.length && seed % 2 == 0)) {
                terms.salt = bytes32(i);
                open[count++] = _fund(terms);
            } else {
                uint256 pick = (seed >> 8) % count;
                vm.prank(agent);
                router.cancel(open[pick]);
                open[pick] = open[--count];
            }
            if (count > most) most = count;
            assertEq(router.placeCount(), most);
            _assertOpen(open, count);
        }
    }

    function _assertOpen(bytes32[] memory wanted, uint256 count) private view {
        bytes32[] memory listed = router.openJobs(0, type(uint256).max);
        assertEq(listed.length, count);
        for (uint256 i = 0; i < count; i++) {
            uint256 found = 0;
            for (uint256 j = 0; j < listed.length; j++) {
                if (listed[j] == wanted[i]) found++;
            }
            assertEq(found, 1, "each open job once");
        }
    }

    function _fundMany(uint256 count) private returns (bytes32[] memory ids) {
        ids = new bytes32[](count);
        IComputeRouter.Terms memory terms = _terms();
        for (uint256 i = 0; i < count; i++) {
            terms.salt = bytes32(i);
            ids[i] = _fund(terms);
        }
    }

    function _notYet(bytes32 id) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IComputeRouter.NotReclaimableYet.selector, id, router.reclaimableAfter(id), block.timestamp
        );
    }
}
