//! How a follower keeps up: stream, snapshot on disk, effects upload.
