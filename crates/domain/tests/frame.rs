//! The segment format: pinned bytes, and what a reader does with every kind of damage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use aop_domain::frame::{self, Frame, HEADER_BYTES, Header, HeaderError, Item, Segment};
use aop_domain::record::RecordKind;
use bytes::Bytes;
use proptest::prelude::*;
use uuid::Uuid;

fn header() -> Header {
    Header {
        writer: Uuid::from_u128(0x0198_f2a0_0000_7000_8000_0000_0000_0001),
        segment: 7,
        created_at_us: 1_763_000_000_000_000,
        first_seq: 1_000,
    }
}

fn push(segment: &mut Vec<u8>, header: &Header, seq: u64, kind: RecordKind, payload: &[u8]) {
    let checksum = frame::payload_checksum(&[payload]).unwrap();
    segment.extend_from_slice(&frame::frame_head(header.seal(), checksum, seq, kind));
    segment.extend_from_slice(payload);
}

fn segment(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = header().encode().to_vec();
    for (i, payload) in payloads.iter().enumerate() {
        push(&mut bytes, &header(), 1_000 + i as u64, RecordKind::Call, payload);
    }
    bytes
}

fn items(bytes: Vec<u8>) -> Vec<Item> {
    Segment::parse(Bytes::from(bytes)).unwrap().items().collect()
}

fn payloads(items: &[Item]) -> Vec<Bytes> {
    let frame = |item: &Item| match item {
        Item::Frame(Frame { payload, .. }) => Some(payload.clone()),
        _ => None,
    };
    items.iter().filter_map(frame).collect()
}

fn sample() -> Vec<u8> {
    let mut bytes = header().encode().to_vec();
    push(&mut bytes, &header(), 1_000, RecordKind::Call, b"first");
    push(&mut bytes, &header(), 1_001, RecordKind::Span, b"");
    push(&mut bytes, &header(), 1_002, RecordKind::Log, &[0xff; 40]);
    bytes
}

#[test]
fn version_1_is_the_committed_bytes() {
    let fixture = include_bytes!("../fixtures/segment-v1.bin");
    assert_eq!(sample(), fixture, "the layout of a released version must not change: make a new version");
}

#[test]
fn the_committed_bytes_of_version_1_are_read() {
    let fixture = Bytes::from_static(include_bytes!("../fixtures/segment-v1.bin"));
    let segment = Segment::parse(fixture).unwrap();
    assert_eq!(segment.header, header());
    let read: Vec<_> = segment
        .items()
        .map(|item| match item {
            Item::Frame(frame) => (frame.seq, frame.kind, frame.payload.to_vec()),
            other => panic!("damage in the fixture: {other:?}"),
        })
        .collect();
    assert_eq!(read, vec![(1_000, 1, b"first".to_vec()), (1_001, 2, Vec::new()), (1_002, 3, vec![0xff; 40])]);
}

#[test]
fn a_payload_given_in_parts_has_the_checksum_of_the_whole() {
    assert_eq!(frame::payload_checksum(&[b"he", b"", b"llo"]), frame::payload_checksum(&[b"hello"]));
}

#[test]
fn bytes_that_are_no_segment_are_refused_by_name() {
    assert_eq!(Header::decode(b"short"), Err(HeaderError::Short(5)));
    let mut other = sample();
    other[0] = b'X';
    assert_eq!(Header::decode(&other), Err(HeaderError::Magic));
    let mut damaged = sample();
    damaged[30] ^= 1;
    assert_eq!(Header::decode(&damaged), Err(HeaderError::Checksum));
}

#[test]
fn a_newer_version_is_refused_and_named() {
    let mut newer = header().encode();
    newer[8] = 9;
    let checksum = crc32c::crc32c(&newer[..HEADER_BYTES - 4]);
    newer[HEADER_BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(Header::decode(&newer), Err(HeaderError::Version(9)));
}

#[test]
fn a_frame_of_another_segment_is_never_taken_for_one_of_this() {
    let mut bytes = sample();
    let stale = Header { segment: 6, ..header() };
    push(&mut bytes, &stale, 1_003, RecordKind::Call, b"stale");
    let read = items(bytes);
    assert_eq!(read.len(), 4);
    assert!(matches!(read[3], Item::Torn { .. }));
}

#[test]
fn a_frame_hidden_in_a_damaged_payload_is_not_read() {
    let mut inner = Vec::new();
    push(&mut inner, &header(), 1_001, RecordKind::Call, b"forged");
    let mut bytes = header().encode().to_vec();
    let at = bytes.len();
    push(&mut bytes, &header(), 1_000, RecordKind::Call, &[b"garbage".to_vec(), inner].concat());
    push(&mut bytes, &header(), 1_001, RecordKind::Call, b"after");
    bytes[at + frame::FRAME_OVERHEAD_BYTES] ^= 0xff;
    let read = items(bytes);
    assert!(matches!(read[0], Item::Damaged { .. }));
    assert_eq!(payloads(&read), vec![Bytes::from_static(b"after")]);
}

#[test]
fn a_damaged_length_that_leads_to_a_later_frame_costs_no_frame_between() {
    // 64 with one bit flipped is 96: 17 + 96 bytes on stands the third frame, not the second.
    let given = [vec![0; 64], vec![0; 15], vec![]];
    let mut bytes = segment(&given);
    bytes[HEADER_BYTES] ^= 32;
    assert_eq!(payloads(&items(bytes)), given[1..]);
}

proptest! {
    #[test]
    fn what_is_written_is_read(payloads_in in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)) {
        let read = items(segment(&payloads_in));
        prop_assert_eq!(read.len(), payloads_in.len());
        prop_assert_eq!(payloads(&read), payloads_in.into_iter().map(Bytes::from).collect::<Vec<_>>());
    }

    #[test]
    fn a_cut_anywhere_keeps_every_whole_frame(
        payloads_in in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..10),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = segment(&payloads_in);
        let cut = HEADER_BYTES + cut.index(bytes.len() - HEADER_BYTES + 1);
        let mut whole = 0;
        let mut end = HEADER_BYTES;
        while whole < payloads_in.len() && end + frame::FRAME_OVERHEAD_BYTES + payloads_in[whole].len() <= cut {
            end += frame::FRAME_OVERHEAD_BYTES + payloads_in[whole].len();
            whole += 1;
        }
        let cut_segment = Segment::parse(Bytes::copy_from_slice(&bytes[..cut])).unwrap();
        let read: Vec<Item> = cut_segment.items().collect();
        prop_assert_eq!(payloads(&read).len(), whole);
        prop_assert_eq!(cut_segment.valid_prefix_bytes(), end);
        let torn = read.iter().any(|item| matches!(item, Item::Torn { .. }));
        prop_assert_eq!(torn, end < cut);
    }

    #[test]
    fn one_damaged_byte_costs_one_frame_and_no_more(
        payloads_in in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..10),
        place in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut bytes = segment(&payloads_in);
        let place = HEADER_BYTES + place.index(bytes.len() - HEADER_BYTES);
        bytes[place] ^= flip;
        let read = items(bytes.clone());
        let good = payloads(&read);
        prop_assert_eq!(good.len(), payloads_in.len() - 1);
        prop_assert!(good.iter().all(|payload| payloads_in.iter().any(|given| given == payload)));
        // Every byte is accounted for: frames, damage and the torn end together are the whole segment.
        let accounted: usize = read.iter().map(|item| match item {
            Item::Frame(frame) => frame::FRAME_OVERHEAD_BYTES + frame.payload.len(),
            Item::Damaged { bytes, .. } | Item::Torn { bytes, .. } => *bytes,
        }).sum();
        prop_assert_eq!(accounted, bytes.len() - HEADER_BYTES);
    }

    #[test]
    fn any_bytes_after_a_header_are_read_to_the_end_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut bytes = header().encode().to_vec();
        bytes.extend_from_slice(&noise);
        prop_assert!(payloads(&items(bytes)).is_empty());
    }
}
