//! From the transcript of a stream to the answer that the same call would have got in one piece. One file per dialect.

pub(super) mod openai;
