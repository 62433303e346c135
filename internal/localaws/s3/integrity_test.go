// SPDX-License-Identifier: MIT

package s3_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// "Checking object integrity": every kind of wrong checksum is refused and
// nothing is stored.
func TestWrongDigests(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	wrong := map[string]string{
		"X-Amz-Checksum-Crc32":     base64.StdEncoding.EncodeToString(make([]byte, 4)),
		"X-Amz-Checksum-Crc32c":    base64.StdEncoding.EncodeToString(make([]byte, 4)),
		"X-Amz-Checksum-Crc64nvme": base64.StdEncoding.EncodeToString(make([]byte, 8)),
		"X-Amz-Checksum-Sha1":      base64.StdEncoding.EncodeToString(make([]byte, 20)),
		"X-Amz-Checksum-Sha256":    base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"Content-Md5":              base64.StdEncoding.EncodeToString(make([]byte, 16)),
	}
	for name, value := range wrong {
		response, body := c.do(t, account, http.MethodPut, "/docs/k", map[string]string{name: value}, strings.NewReader("hello"))
		if response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "<Code>BadDigest</Code>") {
			t.Errorf("%s: got %d %s, want BadDigest", name, response.StatusCode, body)
		}
	}
	for name, test := range map[string]struct{ header, value, want string }{
		"payload hash":       {"X-Amz-Content-Sha256", strings.Repeat("0", 64), "XAmzContentSHA256Mismatch"},
		"short checksum":     {"X-Amz-Checksum-Crc32", "AAA=", "InvalidRequest"},
		"bad base64":         {"Content-Md5", "!!", "InvalidDigest"},
		"unmodelled":         {"X-Amz-Checksum-Xxhash64", "AAAAAAAAAAA=", "NotImplemented"},
		"chunks of no size":  {"Content-Encoding", "aws-chunked", "MissingContentLength"},
		"large metadata":     {"X-Amz-Meta-Long", strings.Repeat("x", 3000), "MetadataTooLarge"},
		"unknown class":      {"X-Amz-Storage-Class", "COLD", "InvalidStorageClass"},
		"object lock":        {"X-Amz-Object-Lock-Mode", "GOVERNANCE", "NotImplemented"},
		"tags without value": {"X-Amz-Tagging", "a=1&a=2", "InvalidArgument"},
	} {
		_, body := c.do(t, account, http.MethodPut, "/docs/k", map[string]string{test.header: test.value}, strings.NewReader("hello"))
		if !strings.Contains(body, "<Code>"+test.want+"</Code>") {
			t.Errorf("%s: got %s, want %s", name, body, test.want)
		}
	}
	_, err := client.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("docs"), Key: aws.String("k")})
	wantCode(t, err, "NotFound")
}

// Every algorithm of the SDK is verified and returned.
func TestChecksumAlgorithms(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			key := aws.String(string(algorithm))
			_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: key, Body: strings.NewReader("hello"), ChecksumAlgorithm: algorithm})
			if err != nil {
				t.Fatal(err)
			}
			out, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: key, ChecksumMode: types.ChecksumModeEnabled})
			if err != nil {
				t.Fatal(err)
			}
			if body := read(t, out.Body); body != "hello" { // the SDK compares the checksum while it reads
				t.Errorf("got %q", body)
			}
			sums := map[types.ChecksumAlgorithm]*string{"CRC32": out.ChecksumCRC32, "CRC32C": out.ChecksumCRC32C, "CRC64NVME": out.ChecksumCRC64NVME, "SHA1": out.ChecksumSHA1, "SHA256": out.ChecksumSHA256}
			if sums[algorithm] == nil || out.ChecksumType != types.ChecksumTypeFullObject {
				t.Errorf("got checksum %v of type %q", sums[algorithm], out.ChecksumType)
			}
		})
	}
}

// Bodies in aws-chunked are decoded and verified by their trailers; one that
// ends early stores nothing.
func TestChunkedBodies(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.bucket(t, "docs")
	header := map[string]string{
		"X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked",
		"X-Amz-Decoded-Content-Length": "6", "X-Amz-Trailer": "x-amz-checksum-crc32",
	}
	for name, test := range map[string]struct{ body, want string }{
		"short":          {"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "IncompleteBody"},
		"cut":            {"6\r\nhel", "IncompleteBody"},
		"wrong trailer":  {"6\r\nhello!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"},
		"no trailer":     {"6\r\nhello!\r\n0\r\n\r\n", "MalformedTrailerError"},
		"no hexadecimal": {"zz\r\nhello!\r\n0\r\n\r\n", "InvalidChunkSizeError"},
	} {
		_, body := c.do(t, account, http.MethodPut, "/docs/k", header, strings.NewReader(test.body))
		if !strings.Contains(body, "<Code>"+test.want+"</Code>") {
			t.Errorf("%s: got %s, want %s", name, body, test.want)
		}
	}
	sum := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte("hello!"))))
	whole := "5;chunk-signature=0\r\nhello\r\n1\r\n!\r\n0;chunk-signature=0\r\nx-amz-checksum-crc32:" + sum + "\r\nx-amz-trailer-signature:0\r\n\r\n"
	if response, body := c.do(t, account, http.MethodPut, "/docs/k", header, strings.NewReader(whole)); response.StatusCode != http.StatusOK {
		t.Fatalf("got %d %s", response.StatusCode, body)
	}
	response, body := c.do(t, account, http.MethodGet, "/docs/k", nil, nil)
	if body != "hello!" || response.Header.Get("Content-Encoding") != "" {
		t.Errorf("got %q with encoding %q", body, response.Header.Get("Content-Encoding"))
	}
}
