// SPDX-License-Identifier: MIT
// Reads Chainlink feeds at funding: USDC must be worth a dollar, and a token's quoted price must match its feed.
pragma solidity ^0.8.28;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IPriceGuard} from "./interfaces/IPriceGuard.sol";

/// @title Price checks at funding, see IPriceGuard.
contract PriceGuard is IPriceGuard, AccessControlDefaultAdminRules {
    /// Asset id of the settlement token's own feed, which must always exist.
    bytes32 public constant USDC = keccak256("USDC");
    /// Rounds may land a little after their heartbeat (about 40 s were seen), which is not staleness.
    uint256 public constant HEARTBEAT_MARGIN = 120;

    uint256 private constant PRICE_DECIMALS = 8;
    uint256 private constant BPS = 10_000;

    /// Seconds between announcing a feed and applying it.
    uint256 public immutable feedDelay;
    /// L2 sequencer uptime feed; zero on chains that have none.
    address public immutable sequencerFeed;
    /// Seconds after a sequencer restart during which prices are not trusted.
    uint256 public immutable sequencerGrace;

    /// @dev A FeedConfig and the feed's decimals, in two slots.
    struct Feed {
        address source;
        uint32 heartbeat;
        uint16 maxDeviationBps;
        uint8 decimals;
        uint128 minPrice;
        uint128 maxPrice;
    }

    struct PendingFeed {
        FeedConfig config;
        uint40 readyAt;
    }

    mapping(bytes32 asset => Feed) private _feeds;
    mapping(bytes32 asset => PendingFeed) private _pending;

    /// @param feeds Feeds true from the start; one of them must be USDC's.
    constructor(
        address admin,
        uint48 adminDelay,
        uint256 feedDelay_,
        address sequencerFeed_,
        uint256 sequencerGrace_,
        InitialFeed[] memory feeds
    ) AccessControlDefaultAdminRules(adminDelay, admin) {
        feedDelay = feedDelay_;
        sequencerFeed = sequencerFeed_;
        sequencerGrace = sequencerGrace_;
        for (uint256 i = 0; i < feeds.length; i++) {
            _requireValid(feeds[i].asset, feeds[i].config);
            _setFeed(feeds[i].asset, feeds[i].config);
        }
        if (_feeds[USDC].source == address(0)) revert UsdcFeedRequired();
    }

    /// @inheritdoc IPriceGuard
    function getFeed(bytes32 asset) external view returns (FeedConfig memory config, uint8 decimals) {
        Feed memory feed = _feeds[asset];
        config = FeedConfig(feed.source, feed.heartbeat, feed.maxDeviationBps, feed.minPrice, feed.maxPrice);
        decimals = feed.decimals;
    }

    /// @inheritdoc IPriceGuard
    function check(bytes32 asset, uint128 tokenPrice) external view returns (bool verified) {
        _requireSequencer();
        _read(USDC);
        if ((asset == bytes32(0)) != (tokenPrice == 0)) revert TokenPriceMismatch(asset, tokenPrice);
        if (asset == bytes32(0)) return true;
        if (_feeds[asset].source == address(0)) return false;

        uint256 feedPrice = _read(asset);
        uint256 difference = tokenPrice > feedPrice ? tokenPrice - feedPrice : feedPrice - tokenPrice;
        uint256 maxDeviationBps = _feeds[asset].maxDeviationBps;
        if (difference * BPS > feedPrice * maxDeviationBps) {
            revert PriceDeviates(asset, tokenPrice, feedPrice, maxDeviationBps);
        }
        return true;
    }

    /// @inheritdoc IPriceGuard
    function priceOf(bytes32 asset) external view returns (uint256 price) {
        _requireSequencer();
        return _read(asset);
    }

    /// @inheritdoc IPriceGuard
    function proposeFeed(bytes32 asset, FeedConfig calldata config) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireValid(asset, config);
        uint40 readyAt = uint40(block.timestamp + feedDelay);
        _pending[asset] = PendingFeed({config: config, readyAt: readyAt});
        emit FeedProposed(asset, config, readyAt);
    }

    /// @inheritdoc IPriceGuard
    function cancelFeed(bytes32 asset) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (_pending[asset].readyAt == 0) revert NoFeedPending(asset);
        delete _pending[asset];
        emit FeedCancelled(asset);
    }

    /// @inheritdoc IPriceGuard
    function applyFeed(bytes32 asset) external {
        PendingFeed memory pending = _pending[asset];
        if (pending.readyAt == 0) revert NoFeedPending(asset);
        if (block.timestamp < pending.readyAt) revert FeedNotReady(asset, pending.readyAt, block.timestamp);
        delete _pending[asset];
        _setFeed(asset, pending.config);
    }

    function _setFeed(bytes32 asset, FeedConfig memory config) private {
        // Decimals are read once, here: a feed that changed them later would silently move every price.
        uint8 decimals = config.source == address(0) ? 0 : AggregatorV3Interface(config.source).decimals();
        if (decimals > 36) revert InvalidFeed(asset, "decimals");
        _feeds[asset] = Feed(
            config.source, config.heartbeat, config.maxDeviationBps, decimals, config.minPrice, config.maxPrice
        );
        emit FeedSet(asset, config, decimals);
    }

    function _requireValid(bytes32 asset, FeedConfig memory config) private pure {
        if (asset == bytes32(0)) revert InvalidFeed(asset, "asset");
        if (config.source == address(0)) {
            if (asset == USDC) revert UsdcFeedRequired();
            return;
        }
        if (config.heartbeat == 0) revert InvalidFeed(asset, "heartbeat");
        if (config.maxDeviationBps >= BPS) revert InvalidFeed(asset, "maxDeviationBps");
        if (config.minPrice == 0 || config.minPrice > config.maxPrice) revert InvalidFeed(asset, "bounds");
    }

    function _requireSequencer() private view {
        if (sequencerFeed == address(0)) return;
        (bool ok, int256 answer, uint256 startedAt,) = _latest(sequencerFeed);
        // startedAt is zero while an L2's uptime feed has not been set up.
        if (!ok || startedAt == 0 || startedAt > block.timestamp) revert SequencerUnavailable(sequencerFeed);
        if (answer != 0) revert SequencerDown(answer);
        if (block.timestamp - startedAt <= sequencerGrace) {
            revert SequencerStarting(startedAt, sequencerGrace, block.timestamp);
        }
    }

    function _read(bytes32 asset) private view returns (uint256 price) {
        Feed memory feed = _feeds[asset];
        (bool ok, int256 answer,, uint256 updatedAt) = _latest(feed.source);
        if (!ok) revert FeedUnavailable(asset, feed.source);
        if (answer <= 0) revert FeedAnswerInvalid(asset, answer);
        if (updatedAt == 0 || updatedAt > block.timestamp) revert FeedTimeInvalid(asset, updatedAt, block.timestamp);
        uint256 maxAge = feed.heartbeat + HEARTBEAT_MARGIN;
        if (block.timestamp - updatedAt > maxAge) revert FeedStale(asset, updatedAt, maxAge, block.timestamp);

        // Far above any bound, and small enough to scale without overflow.
        if (answer > type(int192).max) revert FeedAnswerInvalid(asset, answer);
        price = uint256(answer);
        if (feed.decimals > PRICE_DECIMALS) price /= 10 ** (feed.decimals - PRICE_DECIMALS);
        else if (feed.decimals < PRICE_DECIMALS) price *= 10 ** (PRICE_DECIMALS - feed.decimals);
        if (price < feed.minPrice || price > feed.maxPrice) {
            revert PriceOutOfBounds(asset, price, feed.minPrice, feed.maxPrice);
        }
    }

    /// @dev A plain call, because `try` does not catch an answer that cannot be decoded.
    function _latest(address source)
        private
        view
        returns (bool ok, int256 answer, uint256 startedAt, uint256 updatedAt)
    {
        bytes memory data;
        (ok, data) = source.staticcall(abi.encodeCall(AggregatorV3Interface.latestRoundData, ()));
        if (!ok || data.length < 160) return (false, 0, 0, 0);
        (, answer, startedAt, updatedAt,) = abi.decode(data, (uint256, int256, uint256, uint256, uint256));
    }
}
