//! Identifiers as EC2 makes them: a kind, a dash, and seventeen hexadecimal digits of which the first is zero.

use crate::Ec2;

const HEX: &[u8] = b"0123456789abcdef";

impl Ec2 {
    /// A new id, for example `vpc-0a1b2c3d4e5f60718`.
    pub(crate) fn new_id(&self, kind: &str) -> String {
        format!("{kind}-0{}", self.platform.entropy().text(HEX, 16))
    }

    /// A new hardware address that is locally administered, so that it is nobody's.
    pub(crate) fn new_mac_address(&self) -> String {
        let mut bytes = [0; 5];
        self.platform.entropy().fill(&mut bytes);
        bytes.iter().fold("02".to_owned(), |text, byte| format!("{text}:{byte:02x}"))
    }
}
