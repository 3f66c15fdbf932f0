// SPDX-License-Identifier: MIT
// I1 to I8 of the README, after every step of a random history.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";
import {Cast, Handler} from "./support/Handler.t.sol";

contract InvariantsTest is EscrowTest {
    Handler private handler;

    function setUp() public override {
        super.setUp();
        handler = new Handler(
            Cast({
                router: router,
                registry: registry,
                usdc: usdc,
                feed: usdcFeed,
                issuer: address(this),
                admin: admin,
                agent: agent,
                pauser: pauser,
                lister: lister,
                feeRecipient: feeRecipient,
                quoterKey: quoterKey
            })
        );
        targetContract(address(handler));
        bytes4[] memory verbs = new bytes4[](1);
        verbs[0] = Handler.step.selector;
        targetSelector(FuzzSelector({addr: address(handler), selectors: verbs}));
    }

    /// I1 and I8: the router holds exactly what jobs and credits need, and the stray tokens nobody rescued.
    function invariant_I1_I8_SolventAndRescueTakesOnlyStrays() public view {
        uint256 needed = router.totalLocked() + router.totalCredits();
        assertEq(usdc.balanceOf(address(router)), needed + handler.stray());
        assertEq(usdc.balanceOf(admin), handler.rescued());
    }

    /// I2 and I3: what is locked is what open jobs have left, and no job paid more than its counter or deposit allow.
    function invariant_I2_I3_LockedIsTheOpenRestAndPaidIsTheCounter() public view {
        uint256 locked;
        uint256 open;
        for (uint256 i = 0; i < handler.count(); i++) {
            bytes32 id = handler.ids(i);
            IComputeRouter.Job memory job = router.getJob(id);
            assertEq(job.paid, router.owedFor(job.pricePerHour, job.minSeconds, job.usedSeconds));
            assertLe(job.paid, job.deposit);
            assertLe(job.usedSeconds, job.maxSeconds);
            if (job.status != IComputeRouter.Status.Funded && job.status != IComputeRouter.Status.Active) continue;
            (locked, open) = (locked + job.deposit - job.paid, open + 1);
            assertTrue(_isListed(id));
        }
        assertEq(router.totalLocked(), locked);
        assertEq(_openCount(), open);
    }

    /// I4 and I7: every account got, or has waiting, exactly what its own jobs owe it, whoever else is blacklisted.
    function invariant_I4_I7_EveryoneGetsExactlyTheirOwn() public view {
        uint256[3] memory spent;
        uint256[3] memory earned;
        for (uint256 i = 0; i < handler.count(); i++) {
            bytes32 id = handler.ids(i);
            IComputeRouter.Job memory job = router.getJob(id);
            uint256 fee = uint256(job.paid) * job.feeBps / 10_000;
            earned[handler.payoutOf(id)] += job.paid - fee;
            bool isOpen = job.status == IComputeRouter.Status.Funded || job.status == IComputeRouter.Status.Active;
            spent[handler.payerOf(id)] += isOpen ? job.deposit : job.paid;
        }
        for (uint256 i = 0; i < 3; i++) {
            assertEq(_has(handler.payers(i)), handler.PURSE() - spent[i]);
            assertEq(_has(handler.payouts(i)), earned[i] + _feesOf(handler.payouts(i)));
        }
        assertEq(_has(feeRecipient), _feesOf(feeRecipient));
    }

    /// I5: a final record never changes again.
    function invariant_I5_FinalStatesAreFrozen() public view {
        for (uint256 i = 0; i < handler.count(); i++) {
            bytes32 id = handler.ids(i);
            bytes32 frozen = handler.finalRecord(id);
            if (frozen != 0) assertEq(keccak256(abi.encode(router.getJob(id))), frozen);
            else assertLe(uint8(_status(id)), uint8(IComputeRouter.Status.Active));
        }
    }

    /// I6: whatever happened, a stranger alone can empty the router of open jobs once their time has passed.
    function invariant_I6_EveryJobEndsWithoutTheAgent() public {
        uint256 snapshot = vm.snapshotState();
        vm.warp(block.timestamp + 100_000 + 72 hours + 1);
        bytes32[] memory open = router.openJobs(0, type(uint256).max);
        vm.startPrank(stranger);
        for (uint256 i = 0; i < open.length; i++) {
            router.reclaim(open[i]);
        }
        vm.stopPrank();
        assertEq(router.totalLocked(), 0);
        assertEq(usdc.balanceOf(address(router)), router.totalCredits() + handler.stray());
        vm.revertToState(snapshot);
    }

    /// The invariants are worth what the histories reach: each verb must pass in them, and credits must arise.
    function test_HistoriesReachEveryVerb() public {
        for (uint256 seed = 0; seed < 600; seed++) {
            handler.step(seed);
        }
        string[12] memory verbs = [
            "fund",
            "start",
            "checkpoint",
            "complete",
            "completeMany",
            "cancel",
            "stop",
            "reclaim",
            "backstop",
            "withdraw",
            "rescue",
            "setFeeRecipient"
        ];
        for (uint256 i = 0; i < verbs.length; i++) {
            assertGe(handler.passed(bytes32(bytes(verbs[i]))), 3, verbs[i]);
        }
    }

    /// What was earned while the account was the fee recipient.
    function _feesOf(address account) private view returns (uint256) {
        uint256 now_ = router.feeRecipient() == account ? handler.feesEarned() - handler.feesAttributed() : 0;
        return handler.feesBefore(account) + now_;
    }

    function _isListed(bytes32 id) private view returns (bool) {
        bytes32[] memory open = router.openJobs(0, type(uint256).max);
        for (uint256 i = 0; i < open.length; i++) {
            if (open[i] == id) return true;
        }
        return false;
    }

    function _has(address account) private view returns (uint256) {
        return usdc.balanceOf(account) + router.credits(account);
    }
}
