// SPDX-License-Identifier: MIT
// The storage chain's Flow contract, as far as the SDK and a storage node look at it.
pragma solidity 0.8.37;

import {Market} from "./Market.sol";

/// The log of storage submissions, as clients and storage nodes see it: the submit call of the live contract with
/// its checks, positions, fee and event. The Merkle tree over the whole flow (mining) is left out.
contract Flow {
    struct SubmissionNode {
        bytes32 root;
        uint256 height;
    }

    struct SubmissionData {
        uint256 length;
        bytes tags;
        SubmissionNode[] nodes;
    }

    struct Submission {
        SubmissionData data;
        address submitter;
    }

    event Submit(
        address indexed sender,
        bytes32 indexed identity,
        uint256 submissionIndex,
        uint256 startPos,
        uint256 length,
        SubmissionData submission
    );

    error NotEnoughFee(uint256 price, uint256 amount, uint256 paid);

    uint256 private constant SECTOR_BYTES = 256;
    uint256 private constant SECTORS_PER_SEGMENT = 1024;
    /// First and last height differ by less than this: a file is padded to a sixteenth of a power of two.
    uint256 private constant HEIGHT_SPAN = 4;
    uint256 private constant MAX_HEIGHT = 64;

    address payable public immutable market;
    uint256 public numSubmissions;
    /// Sectors taken so far; position 0 is never given out.
    uint256 public currentLength = 1;

    constructor(address payable market_) {
        market = market_;
    }

    function submissionIndex() external view returns (uint256) {
        return numSubmissions;
    }

    function submit(Submission calldata submission)
        external
        payable
        returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length)
    {
        SubmissionNode[] calldata nodes = submission.data.nodes;
        require(submission.submitter != address(0) && isValid(submission.data), "Invalid submission");

        length = sectors(nodes);
        pay(length);
        startIndex = insert(nodes, length);
        index = numSubmissions++;

        bytes memory roots;
        for (uint256 i = 0; i < nodes.length; i++) {
            roots = bytes.concat(roots, nodes[i].root);
        }
        digest = keccak256(roots);
        // The submitter is the caller's word, not the caller: anybody may name anybody.
        emit Submit(submission.submitter, digest, index, startIndex, length, submission.data);
    }

    /// Takes the price out of everything held here; what is paid too much is not given back.
    function pay(uint256 amount) private {
        uint256 price = Market(market).pricePerSector();
        uint256 paid = address(this).balance;
        if (paid < amount * price) revert NotEnoughFee(price, amount, paid);
        (bool sent,) = market.call{value: amount * price}("");
        require(sent, "market refused the fee");
    }

    function insert(SubmissionNode[] calldata nodes, uint256 length) private returns (uint256 start) {
        start = aligned(currentLength, nodes[0].height);
        bool crosses = start / SECTORS_PER_SEGMENT != (start + length - 1) / SECTORS_PER_SEGMENT;
        if (start % SECTORS_PER_SEGMENT != 0 && crosses) {
            currentLength = start + SECTORS_PER_SEGMENT - (start % SECTORS_PER_SEGMENT);
        }
        for (uint256 i = 0; i < nodes.length; i++) {
            uint256 position = aligned(currentLength, nodes[i].height);
            if (i == 0) start = position;
            currentLength = position + (1 << nodes[i].height);
        }
    }

    function isValid(SubmissionData calldata data) private pure returns (bool) {
        SubmissionNode[] calldata nodes = data.nodes;
        if (nodes.length == 0 || nodes[0].height >= MAX_HEIGHT) return false;
        for (uint256 i = 1; i < nodes.length; i++) {
            if (nodes[i].height >= nodes[i - 1].height) return false;
        }
        if (nodes[0].height - nodes[nodes.length - 1].height >= HEIGHT_SPAN) return false;

        uint256 capacity = sectors(nodes);
        uint256 smaller;
        if (capacity < 1 << HEIGHT_SPAN) {
            smaller = capacity - 1;
        } else if (nodes.length == 1) {
            smaller = capacity - (capacity >> HEIGHT_SPAN);
        } else {
            smaller = capacity - (1 << (nodes[0].height - HEIGHT_SPAN + 1));
        }
        return data.length > smaller * SECTOR_BYTES && data.length <= capacity * SECTOR_BYTES;
    }

    function sectors(SubmissionNode[] calldata nodes) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < nodes.length; i++) {
            sum += 1 << nodes[i].height;
        }
    }

    function aligned(uint256 from, uint256 height) private pure returns (uint256) {
        return (((from - 1) >> height) + 1) << height;
    }
}
