// SPDX-License-Identifier: MIT
// Every verb in every state by every caller, before and after the job is due: only what the state machine draws passes.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract StateMatrixTest is EscrowTest {
    enum Verb {
        Start,
        Checkpoint,
        Complete,
        CompleteOfBatch,
        Cancel,
        Stop,
        Reclaim
    }

    function test_None() public {
        _everyVerbByEveryone(IComputeRouter.Status.None);
    }

    function test_Funded() public {
        _everyVerbByEveryone(IComputeRouter.Status.Funded);
    }

    function test_Active() public {
        _everyVerbByEveryone(IComputeRouter.Status.Active);
    }

    function test_Settled() public {
        _everyVerbByEveryone(IComputeRouter.Status.Settled);
    }

    function test_Refunded() public {
        _everyVerbByEveryone(IComputeRouter.Status.Refunded);
    }

    function test_Expired() public {
        _everyVerbByEveryone(IComputeRouter.Status.Expired);
    }

    function _everyVerbByEveryone(IComputeRouter.Status status) private {
        address[10] memory callers =
            [agent, refundTo, stranger, quoter, pauser, admin, lister, payout, payer, address(router)];
        bytes32 id = _jobIn(status);
        uint256 inTime = vm.snapshotState();
        for (uint256 due = 0; due < 2; due++) {
            for (uint8 verb = 0; verb < 7; verb++) {
                for (uint256 i = 0; i < callers.length; i++) {
                    if (due == 1) vm.warp(block.timestamp + 365 days);
                    _try(id, status, Verb(verb), callers[i], due == 1);
                    vm.revertToState(inTime);
                }
            }
        }
    }

    function _try(bytes32 id, IComputeRouter.Status status, Verb verb, address caller, bool due) private {
        bytes memory refusal = _refusal(id, status, verb, caller, due);
        bytes32 before = keccak256(abi.encode(router.getJob(id)));
        vm.prank(caller);
        (bool ok, bytes memory data) = address(router).call(_calldata(id, verb));
        string memory where = string.concat(
            "verb ", vm.toString(uint8(verb)), " status ", vm.toString(uint8(status)), " by ", vm.toString(caller)
        );
        assertEq(ok, refusal.length == 0, where);
        if (ok) return;
        assertEq(data, refusal, where);
        assertEq(keccak256(abi.encode(router.getJob(id))), before, where);
    }

    /// What the contract must answer; empty when the call must pass.
    function _refusal(bytes32 id, IComputeRouter.Status status, Verb verb, address caller, bool due)
        private
        view
        returns (bytes memory)
    {
        bool funded = status == IComputeRouter.Status.Funded;
        bool active = status == IComputeRouter.Status.Active;
        if (verb == Verb.Stop) {
            if (!funded && !active) return _wrongStatus(id, status);
            if (caller != refundTo) return abi.encodeWithSelector(IComputeRouter.NotRefundTo.selector, id, caller);
            return "";
        }
        if (verb == Verb.Reclaim) {
            if (!funded && !active) return _wrongStatus(id, status);
            if (due) return "";
            return abi.encodeWithSelector(
                IComputeRouter.NotReclaimableYet.selector, id, router.reclaimableAfter(id), block.timestamp
            );
        }
        if (verb == Verb.CompleteOfBatch) {
            if (caller != address(router)) return abi.encodeWithSelector(IComputeRouter.NotSelf.selector, caller);
            return active ? bytes("") : _wrongStatus(id, status);
        }
        if (caller != agent) return _missingRole(caller, router.AGENT_ROLE());
        bool beforeStart = verb == Verb.Start || verb == Verb.Cancel;
        if (beforeStart ? !funded : !active) return _wrongStatus(id, status);
        if (verb == Verb.Start && due) {
            return abi.encodeWithSelector(
                IComputeRouter.StartTooLate.selector, id, router.getJob(id).startBy, block.timestamp
            );
        }
        return "";
    }

    function _calldata(bytes32 id, Verb verb) private pure returns (bytes memory) {
        if (verb == Verb.Start) return abi.encodeCall(IComputeRouter.start, (id));
        if (verb == Verb.Checkpoint) return abi.encodeCall(IComputeRouter.checkpoint, (id, 0));
        if (verb == Verb.Complete) return abi.encodeCall(IComputeRouter.complete, (id, 0, bytes32(0)));
        if (verb == Verb.CompleteOfBatch) return abi.encodeCall(IComputeRouter.completeOfBatch, (id, 0, bytes32(0)));
        if (verb == Verb.Cancel) return abi.encodeCall(IComputeRouter.cancel, (id));
        if (verb == Verb.Stop) return abi.encodeCall(IComputeRouter.stop, (id));
        return abi.encodeCall(IComputeRouter.reclaim, (id));
    }
}
