//! Which shard of the log a channel belongs to: a hash of its id, the same one NATS uses for `partition()`.

/// FNV-1a, 32 bits (Fowler, Noll, Vo; <http://www.isthe.com/chongo/tech/comp/fnv/>).
pub fn fnv1a(bytes: &[u8]) -> u32 {
    const OFFSET_BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

/// The shard of `token`, in `0..shards`.
///
/// # Panics
/// When `shards` is 0; the configuration refuses that.
pub fn shard_of(token: &str, shards: u16) -> u16 {
    let shard = fnv1a(token.as_bytes()) % u32::from(shards);
    u16::try_from(shard).expect("a remainder of a u16 fits a u16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_vectors_of_the_hash() {
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn shards_are_used_evenly() {
        let mut counts = [0_u32; 4];
        for number in 0..4000 {
            counts[usize::from(shard_of(&format!("conversation-{number}"), 4))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
