// Reads an object with the AWS SDK for JavaScript v3, with the execution role.
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({ maxAttempts: 1 });

export async function handler(event) {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: event.bucket, Key: event.key }));
    return { Body: await answer.Body.transformToString() };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}
