// SPDX-License-Identifier: MIT
// start: the last second, and the pause.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract StartTest is EscrowTest {
    function test_StartsTheClock() public {
        bytes32 id = _fund(_terms());
        vm.warp(block.timestamp + 10);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobStarted(id, uint40(block.timestamp));
        vm.prank(agent);
        router.start(id);
        assertEq(router.getJob(id).startedAt, block.timestamp);
        _assertStatus(id, IComputeRouter.Status.Active);
        assertEq(router.totalLocked(), DEPOSIT);
    }

    function test_StartByIsTheLastSecond() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes32 id = _fund(terms);
        vm.warp(terms.startBy + 1);
        vm.startPrank(agent);
        vm.expectRevert(
            abi.encodeWithSelector(IComputeRouter.StartTooLate.selector, id, terms.startBy, terms.startBy + 1)
        );
        router.start(id);
        vm.warp(terms.startBy);
        router.start(id);
    }

    function test_PauseStopsIt() public {
        bytes32 id = _fund(_terms());
        vm.prank(pauser);
        router.pause();
        vm.prank(agent);
        vm.expectRevert(abi.encodeWithSignature("EnforcedPause()"));
        router.start(id);
    }

    function test_ProviderTakenOffAfterFundingStillRuns() public {
        bytes32 id = _fund(_terms());
        vm.prank(lister);
        registry.setLive(PROVIDER, false);
        vm.prank(agent);
        router.start(id);
        _assertStatus(id, IComputeRouter.Status.Active);
    }
}
