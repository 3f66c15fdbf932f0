// SPDX-License-Identifier: MIT
// Gelato's Automate, version 7, as far as a resolver task needs it: its calls, checks, task ids and events.
pragma solidity 0.8.37;

/// What a task consists of; a module's place here is its number on the wire.
enum Module {
    RESOLVER,
    DEPRECATED_TIME,
    PROXY,
    SINGLE_EXEC,
    WEB3_FUNCTION,
    TRIGGER
}

struct ModuleData {
    Module[] modules;
    bytes[] args;
}

/// The caller that one creator's tasks have: the target sees this address and not Automate.
contract AutomateProxy {
    address public immutable ops;

    constructor() {
        ops = msg.sender;
    }

    function executeCall(address target, bytes calldata data, uint256 value) external payable {
        require(msg.sender == ops, "OpsProxy: Not authorised");
        (bool success, bytes memory result) = target.call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}

/// Tasks are kept by whoever creates them and carried out by one executor. Fees and all modules but RESOLVER, PROXY and
/// TRIGGER are left out; when a trigger fires and what a resolver says is read off chain, as at Gelato.
contract Automate {
    event TaskCreated(
        address indexed taskCreator,
        address indexed execAddress,
        bytes execDataOrSelector,
        ModuleData moduleData,
        address feeToken,
        bytes32 indexed taskId
    );
    event TaskCancelled(bytes32 taskId, address taskCreator);
    event ExecSuccess(
        uint256 indexed txFee,
        address indexed feeToken,
        address indexed execAddress,
        bytes execData,
        bytes32 taskId,
        bool callSuccess
    );

    string public constant version = "7";
    address public immutable gelato;
    mapping(address creator => bytes32[] ids) private _created;
    mapping(address creator => AutomateProxy proxy) public proxyOf;

    constructor(address gelato_) {
        gelato = gelato_;
    }

    function createTask(
        address execAddress,
        bytes calldata execDataOrSelector,
        ModuleData calldata moduleData,
        address feeToken
    ) external returns (bytes32 taskId) {
        taskId = getTaskId(msg.sender, execAddress, bytes4(execDataOrSelector), moduleData, feeToken);
        require(_placeOf(msg.sender, taskId) == type(uint256).max, "Automate.createTask: Duplicate task");
        _validModules(moduleData.modules);
        if (address(proxyOf[msg.sender]) == address(0)) proxyOf[msg.sender] = new AutomateProxy();
        _created[msg.sender].push(taskId);
        emit TaskCreated(msg.sender, execAddress, execDataOrSelector, moduleData, feeToken, taskId);
    }

    function cancelTask(bytes32 taskId) external {
        bytes32[] storage ids = _created[msg.sender];
        uint256 place = _placeOf(msg.sender, taskId);
        require(place != type(uint256).max, "Automate.cancelTask: Task not found");
        ids[place] = ids[ids.length - 1];
        ids.pop();
        emit TaskCancelled(taskId, msg.sender);
    }

    function exec(
        address taskCreator,
        address execAddress,
        bytes calldata execData,
        ModuleData calldata moduleData,
        uint256 txFee,
        address feeToken,
        bool revertOnFailure
    ) external {
        require(msg.sender == gelato, "Gelatofied: Only gelato");
        bytes32 taskId = getTaskId(taskCreator, execAddress, bytes4(execData), moduleData, feeToken);
        require(_placeOf(taskCreator, taskId) != type(uint256).max, "Automate.exec: Task not found");
        bytes memory call = abi.encodeCall(AutomateProxy.executeCall, (execAddress, execData, 0));
        // The creator's address follows the call, for targets that want to know whose task it is.
        (bool success,) = address(proxyOf[taskCreator]).call(abi.encodePacked(call, taskCreator));
        require(success || !revertOnFailure, "Automate.exec: reverted");
        emit ExecSuccess(txFee, feeToken, execAddress, execData, taskId, success);
    }

    function getTaskIdsByUser(address taskCreator) external view returns (bytes32[] memory) {
        return _created[taskCreator];
    }

    function getTaskId(
        address taskCreator,
        address execAddress,
        bytes4 execSelector,
        ModuleData calldata moduleData,
        address feeToken
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(taskCreator, execAddress, execSelector, moduleData, feeToken));
    }

    function _placeOf(address creator, bytes32 taskId) private view returns (uint256) {
        bytes32[] storage ids = _created[creator];
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] == taskId) return i;
        }
        return type(uint256).max;
    }

    function _validModules(Module[] calldata modules) private pure {
        bool hasProxy = false;
        for (uint256 i = 0; i < modules.length; i++) {
            require(i == 0 || modules[i] > modules[i - 1], "Automate._validModules: Asc only");
            require(modules[i] != Module.DEPRECATED_TIME, "Automate._validModules: TIME is deprecated");
            if (modules[i] == Module.PROXY) hasProxy = true;
        }
        require(hasProxy, "Automate._validModules: PROXY is required");
    }
}
