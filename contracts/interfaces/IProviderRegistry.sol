// SPDX-License-Identifier: MIT
// What ProviderRegistry promises: who is paid for a provider, and which asset that provider must be quoted in.
pragma solidity ^0.8.28;

/// @title Providers that jobs may name. Adding is immediate; changing where the money goes waits.
interface IProviderRegistry {
    /// @notice Direct: the payout address is the provider's. Broker: Necto receives and pays the provider itself.
    enum Kind {
        Direct,
        Broker
    }

    /// @notice A listed provider; payout is zero when unknown.
    struct Provider {
        address payout;
        Kind kind;
        bool live;
        /// Its place in the table of payees.
        uint32 payee;
        /// What its quotes must be priced in: zero for USD, otherwise keccak256 of the token's symbol.
        bytes32 priceAsset;
    }

    /// @notice Who is paid for a provider from one change of it to the next. An entry never changes, so that a job
    /// which keeps its number is paid to the address that was true when it was funded.
    struct Payee {
        address payout;
        bytes32 provider;
    }

    /// @notice A change that waits; readyAt is zero when there is none.
    struct Change {
        address payout;
        Kind kind;
        /// First unix second at which the change may be applied.
        uint40 readyAt;
        bytes32 priceAsset;
    }

    /// @notice A provider was listed and is live.
    event ProviderAdded(bytes32 indexed id, address indexed payout, Kind kind, bytes32 priceAsset);
    /// @notice Jobs may name the provider again, or no longer; funded ones are not touched.
    event ProviderLiveSet(bytes32 indexed id, bool live);
    /// @notice Another payout, kind or price asset was announced; from `readyAt` on anyone may apply it.
    event ChangeProposed(bytes32 indexed id, address indexed payout, Kind kind, bytes32 priceAsset, uint256 readyAt);
    /// @notice An announced change was dropped.
    event ChangeCancelled(bytes32 indexed id);
    /// @notice Jobs funded from now on are paid to `payout`.
    event ChangeApplied(bytes32 indexed id, address indexed payout, Kind kind, bytes32 priceAsset);

    /// @notice A provider needs an id.
    error ZeroId();
    /// @notice Neither zero nor the registry can be paid.
    error InvalidPayout(address payout);
    /// @notice The id is taken, also by a provider that is off.
    error ProviderExists(bytes32 id);
    /// @notice No provider has this id.
    error ProviderUnknown(bytes32 id);
    /// @notice Nothing was announced for this provider.
    error NoChangePending(bytes32 id);
    /// @notice The waiting time is not over.
    error ChangeNotReady(bytes32 id, uint256 readyAt, uint256 nowSeconds);
    /// @notice Only these two may drop a change.
    error NotListerOrAdmin(address caller);

    /// @notice Lists a provider, live at once. LISTER; an id is used once.
    function add(bytes32 id, address payout, Kind kind, bytes32 priceAsset) external;

    /// @notice Takes a provider off or on; jobs already funded are not touched. LISTER.
    function setLive(bytes32 id, bool live) external;

    /// @notice Announces a new payout, kind and price asset; replaces a pending one and its waiting time. LISTER.
    function proposeChange(bytes32 id, address payout, Kind kind, bytes32 priceAsset) external;

    /// @notice Drops a pending change. LISTER or admin.
    function cancelChange(bytes32 id) external;

    /// @notice Makes a pending change true once its time has come. Anyone.
    function applyChange(bytes32 id) external;

    /// @notice The listed provider, all zero when unknown.
    function getProvider(bytes32 id) external view returns (Provider memory);

    /// @notice An entry of the table of payees, counted from 1; all zero when there is none.
    function getPayee(uint32 index) external view returns (Payee memory);

    /// @notice The pending change, all zero when there is none.
    function getChange(bytes32 id) external view returns (Change memory);

    /// @notice Seconds between announcing a change and applying it.
    function changeDelay() external view returns (uint256);
}
