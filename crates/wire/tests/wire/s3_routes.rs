//! S3's operations differ by query keys and by one header; no such key may be passed over.

use rolecall_wire::{ServiceId, route, s3};

use crate::common::{failure, request};

const COPY: &[(&str, &str)] = &[("x-amz-copy-source", "/b/k")];

fn name(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    route(ServiceId::S3, &request(method, target, headers, "")).unwrap().operation_name().to_owned()
}

#[test]
fn each_request_finds_its_operation() {
    for (method, target, operation) in [
        ("GET", "/", "ListBuckets"),
        ("GET", "/?x-id=ListBuckets", "ListBuckets"),
        ("PUT", "/b", "CreateBucket"),
        ("PUT", "/b/", "CreateBucket"),
        ("HEAD", "/b", "HeadBucket"),
        ("DELETE", "/b", "DeleteBucket"),
        ("GET", "/b", "ListObjects"),
        ("GET", "/b?prefix=a%2F&delimiter=%2F", "ListObjects"),
        ("GET", "/b?list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/b?location", "GetBucketLocation"),
        ("GET", "/b?location=", "GetBucketLocation"),
        ("GET", "/b?versioning", "GetBucketVersioning"),
        ("GET", "/b?notification", "GetBucketNotificationConfiguration"),
        ("PUT", "/b?notification", "PutBucketNotificationConfiguration"),
        ("GET", "/b?policy", "GetBucketPolicy"),
        ("PUT", "/b?policy", "PutBucketPolicy"),
        ("DELETE", "/b?policy", "DeleteBucketPolicy"),
        ("POST", "/b?delete", "DeleteObjects"),
        ("GET", "/b/k", "GetObject"),
        ("GET", "/b/a/b%20c/d", "GetObject"),
        ("GET", "/b//k", "GetObject"),
        ("GET", "/b/k/", "GetObject"),
        ("GET", "/b/k?partNumber=1&versionId=v&x-id=GetObject", "GetObject"),
        ("HEAD", "/b/k", "HeadObject"),
        ("PUT", "/b/k", "PutObject"),
        ("DELETE", "/b/k?versionId=v", "DeleteObject"),
        ("GET", "/b/k?attributes", "GetObjectAttributes"),
    ] {
        assert_eq!(name(method, target, &[]), operation, "{method} {target}");
    }
    assert_eq!(name("PUT", "/b/k", COPY), "CopyObject");
}

#[test]
fn a_sub_resource_that_is_not_built_is_never_the_plain_operation() {
    for (method, target, operation) in [
        ("GET", "/b?acl", "GetBucketAcl"),
        ("GET", "/b/k?acl", "GetObjectAcl"),
        ("PUT", "/b/k?acl", "PutObjectAcl"),
        ("GET", "/b/k?tagging", "GetObjectTagging"),
        ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("GET", "/b?analytics&id=a", "GetBucketAnalyticsConfiguration"),
        ("GET", "/b?analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/b?uploads", "ListMultipartUploads"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
        ("GET", "/b/k?uploadId=u", "ListParts"),
        ("GET", "/b?versions", "ListObjectVersions"),
    ] {
        assert_eq!(name(method, target, &[]), operation, "{method} {target}");
        let error = failure(ServiceId::S3, &request(method, target, &[], ""));
        assert_eq!((error.status, error.code.as_ref()), (501, "NotImplemented"), "{method} {target}");
    }
    assert_eq!(name("PUT", "/b/k?partNumber=1&uploadId=u", COPY), "UploadPartCopy");
}

#[test]
fn a_sub_resource_without_such_an_operation_is_not_allowed() {
    for (method, target) in [
        ("PUT", "/b/k?uploadId=u"),
        ("PUT", "/b/k?partNumber=1"),
        ("HEAD", "/b?acl"),
        ("DELETE", "/b?acl"),
        ("GET", "/b?list-type=1"),
        ("GET", "/?policy"),
        ("PUT", "/b?delete"),
        ("POST", "/b"),
        ("PUT", "/"),
        ("PATCH", "/b/k"),
    ] {
        let error = failure(ServiceId::S3, &request(method, target, &[], ""));
        assert_eq!((error.status, error.code.as_ref()), (405, "MethodNotAllowed"), "{method} {target}");
    }
}

/// Every operation of the model can be reached, but for those that no request tells from another.
#[test]
fn all_operations_have_distinct_names() {
    for operation in s3::Operation::ALL {
        assert_eq!(s3::Operation::from_name(operation.name()), Some(operation));
    }
}
