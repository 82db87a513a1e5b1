//! Rust's names for AWS's names.

/// `FunctionName` → `function_name`, `SSECustomerKey` → `sse_customer_key`, `ChecksumCRC32C` → `checksum_crc32c`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, &c) in chars.iter().enumerate() {
        let previous = index.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let next_is_lower = chars.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let starts_word = c.is_ascii_uppercase()
            && previous.is_some_and(|p| {
                p.is_ascii_lowercase() || (next_is_lower && (p.is_ascii_uppercase() || p.is_ascii_digit()))
            });
        if starts_word {
            out.push('_');
        }
        out.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    out
}

/// The name of a struct's field, escaped where it is a keyword of Rust.
pub fn field(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "type" | "ref" | "match" | "move" | "use" | "where" | "in" | "enum" | "static" | "const"
        | "return" => {
            format!("r#{name}")
        }
        _ => name,
    }
}

/// `userNameType` → `USER_NAME_TYPE`, the name of a schema table.
pub fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `lambda` → `Lambda`: the service in the names of Rust types.
pub fn service_type(service: &str) -> String {
    let mut chars = service.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snake_case_as_a_reader_would_write_them() {
        for (aws, rust) in [
            ("FunctionName", "function_name"),
            ("KMSKeyArn", "kms_key_arn"),
            ("S3Bucket", "s3_bucket"),
            ("ETag", "e_tag"),
            ("ChecksumCRC32C", "checksum_crc32c"),
            ("ChecksumCRC64NVME", "checksum_crc64nvme"),
            ("CodeSha256", "code_sha256"),
            ("logGroupName", "log_group_name"),
            ("ACL", "acl"),
            ("Ipv6AllowedForDualStack", "ipv6_allowed_for_dual_stack"),
        ] {
            assert_eq!(snake(aws), rust);
        }
        assert_eq!(field("Type"), "r#type");
        assert_eq!(constant("userNameType"), "USER_NAME_TYPE");
    }
}
