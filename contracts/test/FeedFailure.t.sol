// SPDX-License-Identifier: MIT
// FEED-04 on chain: a dead or lying feed stops the funding of what depends on it, and nothing else.
pragma solidity ^0.8.28;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {IPriceGuard} from "../interfaces/IPriceGuard.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract FeedFailureTest is EscrowTest {
    enum Failure {
        Dead,
        Silent,
        Stale,
        Zero,
        Negative,
        FromTheFuture,
        BelowBounds,
        AboveBounds
    }

    uint256 private _salt;

    function test_AWrongTokenFeedStopsThatTokensJobsAlone() public {
        uint256 before = vm.snapshotState();
        for (uint8 failure = 0; failure <= uint8(type(Failure).max); failure++) {
            _fail(aktFeed, Failure(failure));
            assertNotEq(_refusalOf(_token(AKASH, AKT, 1.23e8)), bytes4(0), vm.toString(failure));
            assertEq(_refusalOf(_token(NOSANA, NOS, 0.5e8)), bytes4(0), "a token without a feed");
            assertEq(_refusalOf(_fresh()), bytes4(0), "a job in dollars");
            vm.revertToState(before);
        }
    }

    function test_AWrongDollarFeedStopsAllFundingAndNoRunningJob() public {
        bytes32 running = _start(_fresh());
        bytes32 waiting = _fund(_fresh());
        bytes32 lapsed = _fund(_fresh());
        vm.warp(block.timestamp + 1800);
        uint256 before = vm.snapshotState();
        for (uint8 failure = 0; failure <= uint8(type(Failure).max); failure++) {
            _fail(usdcFeed, Failure(failure));
            assertNotEq(_refusalOf(_fresh()), bytes4(0), vm.toString(failure));
            assertNotEq(_refusalOf(_token(AKASH, AKT, 1.23e8)), bytes4(0), vm.toString(failure));
            assertNotEq(_refusalOf(_token(NOSANA, NOS, 0.5e8)), bytes4(0), vm.toString(failure));
            vm.startPrank(agent);
            router.checkpoint(running, 900);
            router.complete(running, 1800, bytes32(0));
            router.cancel(waiting);
            vm.stopPrank();
            vm.warp(router.reclaimableAfter(lapsed) + 1);
            router.reclaim(lapsed);
            assertEq(usdc.balanceOf(refundTo), 2 * DEPOSIT + 1_000_000);
            vm.revertToState(before);
        }
    }

    /// The quoter's word against the feed's: within the band it is escrowed, beyond it is not, nor can it pass as dollars.
    function test_AQuoteAwayFromItsFeedCannotBeEscrowed() public {
        assertEq(_refusalOf(_token(AKASH, AKT, 1.2669e8)), bytes4(0));
        assertEq(_refusalOf(_token(AKASH, AKT, 1.267e8)), IPriceGuard.PriceDeviates.selector);
        assertEq(_refusalOf(_token(AKASH, AKT, 1.1931e8)), bytes4(0));
        assertEq(_refusalOf(_token(AKASH, AKT, 1.193e8)), IPriceGuard.PriceDeviates.selector);
        assertEq(_refusalOf(_token(AKASH, 0, 0)), IComputeRouter.PriceAssetMismatch.selector);
        assertEq(_refusalOf(_token(AKASH, NOS, 1.23e8)), IComputeRouter.PriceAssetMismatch.selector);
        assertEq(_refusalOf(_token(AKASH, AKT, 0)), IPriceGuard.TokenPriceMismatch.selector);
    }

    function _fail(MockV3Aggregator feed, Failure failure) private {
        if (failure == Failure.Dead) vm.etch(address(feed), hex"fe");
        else if (failure == Failure.Silent) vm.etch(address(feed), "");
        else if (failure == Failure.Stale) feed.updateRoundData(9, 1e8, block.timestamp - 86_521, block.timestamp);
        else if (failure == Failure.Zero) feed.updateAnswer(0);
        else if (failure == Failure.Negative) feed.updateAnswer(-1e8);
        else if (failure == Failure.FromTheFuture) feed.updateRoundData(9, 1e8, block.timestamp + 1, block.timestamp);
        else feed.updateAnswer(failure == Failure.BelowBounds ? int256(0.009e8) : int256(101e8));
    }

    function _fresh() private returns (IComputeRouter.Terms memory terms) {
        terms = _terms();
        terms.salt = bytes32(++_salt);
    }

    function _token(bytes32 provider, bytes32 asset, uint128 price)
        private
        returns (IComputeRouter.Terms memory terms)
    {
        terms = _fresh();
        (terms.provider, terms.priceAsset, terms.tokenPrice) = (provider, asset, price);
    }

    /// The error that funding ends with; zero when it passes.
    function _refusalOf(IComputeRouter.Terms memory terms) private returns (bytes4) {
        bytes memory call = abi.encodeCall(IComputeRouter.fund, (terms, _quote(terms)));
        vm.prank(payer);
        // A dead feed eats what gas it is given, so that a limit keeps some for the next attempt.
        (bool ok, bytes memory data) = address(router).call{gas: 3_000_000}(call);
        return ok ? bytes4(0) : bytes4(data);
    }
}
