// SPDX-License-Identifier: MIT
// The list of providers that jobs may name.
pragma solidity ^0.8.28;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";

/// @title List of providers, see IProviderRegistry.
contract ProviderRegistry is IProviderRegistry, AccessControlDefaultAdminRules {
    /// May list providers and announce changes.
    bytes32 public constant LISTER_ROLE = keccak256("LISTER_ROLE");

    /// @inheritdoc IProviderRegistry
    uint256 public immutable override changeDelay;

    /// @dev A provider, in one slot if it is priced in USD.
    struct Listing {
        address payout;
        Kind kind;
        bool live;
        bool inToken;
        uint32 payee;
        bytes32 priceAsset;
    }

    mapping(bytes32 id => Listing) private _listings;
    mapping(bytes32 id => Change) private _changes;
    mapping(uint32 index => Payee) private _payees;
    uint32 private _payeeCount;

    /// @param admin Grants roles; handing it over takes `adminDelay` seconds.
    /// @param changeDelay_ Seconds between announcing a payout change and applying it.
    /// @param listers Granted here, so that whoever deploys never needs to be admin.
    constructor(address admin, uint48 adminDelay, uint256 changeDelay_, address[] memory listers)
        AccessControlDefaultAdminRules(adminDelay, admin)
    {
        changeDelay = changeDelay_;
        for (uint256 i = 0; i < listers.length; i++) {
            _grantRole(LISTER_ROLE, listers[i]);
        }
    }

    /// @inheritdoc IProviderRegistry
    function getProvider(bytes32 id) external view returns (Provider memory provider) {
        Listing storage listing = _listings[id];
        (provider.payout, provider.kind, provider.live) = (listing.payout, listing.kind, listing.live);
        provider.payee = listing.payee;
        // The second slot is read only where it holds something.
        if (listing.inToken) provider.priceAsset = listing.priceAsset;
    }

    /// @inheritdoc IProviderRegistry
    function getPayee(uint32 index) external view returns (Payee memory) {
        return _payees[index];
    }

    /// @inheritdoc IProviderRegistry
    function getChange(bytes32 id) external view returns (Change memory) {
        return _changes[id];
    }

    /// @inheritdoc IProviderRegistry
    function add(bytes32 id, address payout, Kind kind, bytes32 priceAsset) external onlyRole(LISTER_ROLE) {
        if (id == bytes32(0)) revert ZeroId();
        if (_listings[id].payout != address(0)) revert ProviderExists(id);
        _requirePayout(payout);
        _listings[id].live = true;
        _set(id, payout, kind, priceAsset);
        emit ProviderAdded(id, payout, kind, priceAsset);
    }

    /// @inheritdoc IProviderRegistry
    function setLive(bytes32 id, bool live) external onlyRole(LISTER_ROLE) {
        _requireListed(id);
        _listings[id].live = live;
        emit ProviderLiveSet(id, live);
    }

    /// @inheritdoc IProviderRegistry
    function proposeChange(bytes32 id, address payout, Kind kind, bytes32 priceAsset) external onlyRole(LISTER_ROLE) {
        _requireListed(id);
        _requirePayout(payout);
        uint40 readyAt = uint40(block.timestamp + changeDelay);
        _changes[id] = Change({payout: payout, kind: kind, readyAt: readyAt, priceAsset: priceAsset});
        emit ChangeProposed(id, payout, kind, priceAsset, readyAt);
    }

    /// @inheritdoc IProviderRegistry
    function cancelChange(bytes32 id) external {
        if (!hasRole(LISTER_ROLE, msg.sender) && !hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            revert NotListerOrAdmin(msg.sender);
        }
        if (_changes[id].readyAt == 0) revert NoChangePending(id);
        delete _changes[id];
        emit ChangeCancelled(id);
    }

    /// @inheritdoc IProviderRegistry
    function applyChange(bytes32 id) external {
        Change memory change = _changes[id];
        if (change.readyAt == 0) revert NoChangePending(id);
        if (block.timestamp < change.readyAt) revert ChangeNotReady(id, change.readyAt, block.timestamp);
        delete _changes[id];
        _set(id, change.payout, change.kind, change.priceAsset);
        emit ChangeApplied(id, change.payout, change.kind, change.priceAsset);
    }

    function _set(bytes32 id, address payout, Kind kind, bytes32 priceAsset) private {
        _payees[++_payeeCount] = Payee({payout: payout, provider: id});
        Listing storage listing = _listings[id];
        (listing.payout, listing.kind, listing.payee) = (payout, kind, _payeeCount);
        (listing.inToken, listing.priceAsset) = (priceAsset != bytes32(0), priceAsset);
    }

    function _requireListed(bytes32 id) private view {
        if (_listings[id].payout == address(0)) revert ProviderUnknown(id);
    }

    function _requirePayout(address payout) private view {
        if (payout == address(0) || payout == address(this)) revert InvalidPayout(payout);
    }
}
