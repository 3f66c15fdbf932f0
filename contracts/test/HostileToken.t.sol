// SPDX-License-Identifier: MIT
// If the settlement token itself turned hostile: no deposit counts that did not arrive, and nothing is paid twice.
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";
import {HostileToken} from "./support/HostileToken.sol";

contract HostileTokenTest is EscrowTest {
    HostileToken private token;

    function setUp() public override {
        super.setUp();
        token = new HostileToken();
        router = _deployRouter(IERC20(address(token)));
        token.mint(payer, 100e6);
        vm.prank(payer);
        token.approve(address(router), type(uint256).max);
    }

    function test_DepositThatArrivesShortIsRefused() public {
        token.behave(HostileToken.Mood.TakesAFee);
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = _quote(terms);
        bytes memory short = abi.encodeWithSelector(IComputeRouter.DepositShort.selector, DEPOSIT, DEPOSIT - 1);
        vm.prank(payer);
        vm.expectRevert(short);
        router.fund(terms, quote);
        vm.expectRevert(short);
        router.fundWithAuthorization(terms, quote, payer, 0, block.timestamp + 1, "");
        assertEq(_openCount(), 0);
    }

    function test_TransferThatAnswersFalseBecomesACredit() public {
        bytes32 id = _fund(_terms());
        token.behave(HostileToken.Mood.AnswersFalse);
        vm.prank(agent);
        router.cancel(id);
        assertEq(router.credits(refundTo), DEPOSIT);
        vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", address(token)));
        router.withdrawFor(refundTo);
        assertEq(router.credits(refundTo), DEPOSIT);
    }

    function test_NoVerbCanBeEnteredFromATransfer() public {
        bytes32 victim = _start(_terms());
        IComputeRouter.Terms memory other = _terms();
        other.salt = keccak256("other");
        bytes32 id = _start(other);
        vm.warp(router.reclaimableAfter(victim) + 1);
        bytes32 agentRole = router.AGENT_ROLE();
        vm.prank(admin);
        router.grantRole(agentRole, address(token));

        bytes[6] memory calls = [
            abi.encodeCall(IComputeRouter.reclaim, (victim)),
            abi.encodeCall(IComputeRouter.complete, (victim, 3600, bytes32(0))),
            abi.encodeCall(IComputeRouter.checkpoint, (victim, 3600)),
            abi.encodeCall(IComputeRouter.cancel, (victim)),
            abi.encodeCall(IComputeRouter.withdrawFor, (refundTo)),
            abi.encodeCall(IComputeRouter.reclaim, (id))
        ];
        uint256 before = vm.snapshotState();
        for (uint256 i = 0; i < calls.length; i++) {
            token.callBack(address(router), calls[i]);
            vm.prank(agent);
            router.complete(id, 1800, bytes32(0));
            assertFalse(token.callbackPassed(), vm.toString(i));
            _assertStatus(victim, IComputeRouter.Status.Active);
            assertEq(token.balanceOf(address(router)), router.totalLocked() + router.totalCredits());
            vm.revertToState(before);
        }
    }

    function test_ABatchFromATransferCompletesNothing() public {
        bytes32 victim = _start(_terms());
        IComputeRouter.Terms memory other = _terms();
        other.salt = keccak256("other");
        bytes32 id = _start(other);
        vm.warp(block.timestamp + 3600);
        bytes32 agentRole = router.AGENT_ROLE();
        vm.prank(admin);
        router.grantRole(agentRole, address(token));
        IComputeRouter.Completion[] memory batch = new IComputeRouter.Completion[](2);
        (batch[0].id, batch[0].usedSeconds) = (victim, 3600);
        (batch[1].id, batch[1].usedSeconds) = (id, 3600);
        token.callBack(address(router), abi.encodeCall(IComputeRouter.completeMany, (batch)));
        vm.prank(agent);
        router.complete(id, 1800, bytes32(0));
        _assertStatus(victim, IComputeRouter.Status.Active);
        assertEq(router.getJob(id).usedSeconds, 1800);
        assertEq(token.balanceOf(address(router)), router.totalLocked() + router.totalCredits());
    }

    function test_FundingCannotBeEnteredFromItsOwnTransfer() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = _quote(terms);
        token.callBack(address(router), abi.encodeCall(IComputeRouter.fund, (terms, quote)));
        _fund(terms);
        assertFalse(token.callbackPassed());
        assertEq(_openCount(), 1);
    }
}
