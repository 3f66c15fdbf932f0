// SPDX-License-Identifier: MIT
// What PriceGuard promises: a job cannot be funded on a price that a live feed contradicts.
pragma solidity ^0.8.28;

/// @title Price checks at funding. Refunds and payouts never ask it. Prices are USD with 8 decimals.
interface IPriceGuard {
    /// @notice How one asset's Chainlink feed is read.
    struct FeedConfig {
        /// Feed contract; zero removes the asset's feed.
        address source;
        /// Seconds the feed promises between updates; an older answer is refused.
        uint32 heartbeat;
        /// How far a quoted price may be from the feed, in 1/10000.
        uint16 maxDeviationBps;
        /// Answers outside [minPrice, maxPrice] are refused.
        uint128 minPrice;
        uint128 maxPrice;
    }

    /// @notice A feed at deployment.
    struct InitialFeed {
        bytes32 asset;
        FeedConfig config;
    }

    /// @notice A feed, or its removal, was announced; from `readyAt` on anyone may apply it.
    event FeedProposed(bytes32 indexed asset, FeedConfig config, uint256 readyAt);
    /// @notice An announced feed was dropped.
    event FeedCancelled(bytes32 indexed asset);
    /// @notice Prices of `asset` are read from this feed from now on.
    event FeedSet(bytes32 indexed asset, FeedConfig config, uint8 decimals);

    /// @notice USDC must always have a feed.
    error UsdcFeedRequired();
    /// @notice The named field makes no sense.
    error InvalidFeed(bytes32 asset, string field);
    /// @notice Nothing was announced for this asset.
    error NoFeedPending(bytes32 asset);
    /// @notice The waiting time is not over.
    error FeedNotReady(bytes32 asset, uint256 readyAt, uint256 nowSeconds);
    /// @notice The uptime feed does not answer, or was never set up.
    error SequencerUnavailable(address feed);
    /// @notice The L2 sequencer is down.
    error SequencerDown(int256 answer);
    /// @notice The sequencer is up again for less than its grace.
    error SequencerStarting(uint256 startedAt, uint256 graceSeconds, uint256 nowSeconds);
    /// @notice There is no feed, or it reverts, or answers something else than a round.
    error FeedUnavailable(bytes32 asset, address feed);
    /// @notice The answer is no price: zero, negative or absurdly large.
    error FeedAnswerInvalid(bytes32 asset, int256 answer);
    /// @notice The answer has no time, or one in the future.
    error FeedTimeInvalid(bytes32 asset, uint256 updatedAt, uint256 nowSeconds);
    /// @notice The answer is older than the heartbeat of this feed allows.
    error FeedStale(bytes32 asset, uint256 updatedAt, uint256 maxAgeSeconds, uint256 nowSeconds);
    /// @notice The answer is outside what was set as sane for this asset.
    error PriceOutOfBounds(bytes32 asset, uint256 price, uint256 minPrice, uint256 maxPrice);
    /// @notice A token needs a price, and dollars must have none.
    error TokenPriceMismatch(bytes32 asset, uint256 tokenPrice);
    /// @notice The quote is further from the feed than this asset allows.
    error PriceDeviates(bytes32 asset, uint256 quoted, uint256 feedPrice, uint256 maxDeviationBps);

    /// @notice Reverts when a job must not be funded now.
    /// @param asset Zero for USD, otherwise keccak256 of the token's symbol.
    /// @param tokenPrice The token's USD price in the quote; zero for USD.
    /// @return verified False when the asset has no feed here, so the token's price is taken on the quoter's word.
    function check(bytes32 asset, uint128 tokenPrice) external view returns (bool verified);

    /// @notice The feed's price now, with every check applied; reverts without a feed.
    function priceOf(bytes32 asset) external view returns (uint256 price);

    /// @notice Announces a feed, or its removal; replaces a pending one and its waiting time. Admin.
    function proposeFeed(bytes32 asset, FeedConfig calldata config) external;

    /// @notice Drops a pending feed. Admin.
    function cancelFeed(bytes32 asset) external;

    /// @notice Makes a pending feed true once its time has come. Anyone.
    function applyFeed(bytes32 asset) external;

    /// @notice The feed of an asset and the decimals it answers in; source is zero without one.
    function getFeed(bytes32 asset) external view returns (FeedConfig memory config, uint8 decimals);
}
