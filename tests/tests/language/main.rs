//! What a construct means when it runs: on both engines, line by line, and replayed.

mod both;
mod config;
mod failures;
mod labels;
mod passes;
mod procedures;
