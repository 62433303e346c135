// SPDX-License-Identifier: MIT

package flow_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// magazine is a site that CloudFront serves.
var magazine = map[string]string{
	"go.mod":                "module example.com/magazine\n\ngo 1.26\n",
	"web/index.html":        "<!doctype html>\n<title>Magazine</title>\n<p id=\"said\">nothing</p>\n<script src=\"page.js\"></script>\n<a href=\"spring\">Spring</a>\n",
	"web/page.js":           `document.getElementById("said").textContent = "the script ran";` + "\n",
	"web/spring/index.html": "<!doctype html>\n<title>Spring</title>\n" + strings.Repeat("<p>flowers</p>\n", 100),
	"web/error.html":        "<!doctype html>\n<h1>Not here</h1>\n",
	"sparta.yaml": `serviceName: Magazine
site: {dir: ./web, hosting: cloudfront, error: error.html, cache: [{glob: "*.html", cacheControl: max-age=600}]}
outputs: {Bucket: !Ref SiteBucket}
`,
}

// TestDistribution brings a site up that CloudFront serves, changes it and takes
// it down.
func TestDistribution(t *testing.T) {
	t.Parallel()
	m := module{t, t.TempDir()}
	for name, text := range magazine {
		m.write(name, text)
	}
	w := local(t, m.dir+"/sparta.yaml")
	w.Confirm = agree
	outcome := w.mustUp(stage.Created)
	site := output(t, outcome, "SiteUrl")
	if !strings.HasPrefix(site, "http://127.0.0.1:") {
		t.Fatalf("SiteUrl is %s, which nobody can open", site)
	}
	w.seePages(site)
	w.seeBucketClosed(output(t, outcome, "Bucket"))
	if chromium, err := exec.LookPath("chromium"); err == nil {
		if page := look(t, chromium, site); !strings.Contains(page, "the script ran") {
			t.Errorf("the page in a browser:\n%s", page)
		}
	} else if os.Getenv("CI") != "" {
		t.Error("chromium is not installed")
	}

	w.mustUp(stage.Unchanged)
	w.invalidated(t, 0)
	m.edit("web/spring/index.html", "Spring", "Summer")
	if _, body, header := get(t, site+"/spring/"); !strings.Contains(body, "Spring") || header.Get("X-Cache") != "Hit from cloudfront" {
		t.Errorf("before the update: got %.60q, %v", body, header)
	}
	w.mustUp(stage.Updated)
	if _, body, header := get(t, site+"/spring/"); !strings.Contains(body, "Summer") || header.Get("X-Cache") != "Miss from cloudfront" {
		t.Errorf("after the update: got %.60q, %v", body, header)
	}
	if _, _, header := get(t, site+"/page.js"); header.Get("X-Cache") != "Hit from cloudfront" {
		t.Errorf("what did not change: got %v", header)
	}
	w.invalidated(t, 1)
	w.takeDown()
	if _, err := http.Get(site); err == nil {
		t.Error("the distribution still answers")
	}
	w.mustUp(stage.Created) // the names of what it had are free again
	w.takeDown()
	list, err := cloudfront.NewFromConfig(w.config()).ListDistributions(t.Context(), &cloudfront.ListDistributionsInput{})
	if err != nil || len(list.DistributionList.Items) != 0 {
		t.Errorf("down leaves %+v, %v", list, err)
	}
}

// seePages looks at the pages as viewers do.
func (w *world) seePages(site string) {
	w.t.Helper()
	for _, page := range []struct {
		path   string
		status int
		says   string
		cache  string
	}{
		{"", 200, "Magazine", "Miss from cloudfront"},
		{"/", 200, "Magazine", "Hit from cloudfront"},
		{"/index.html", 200, "Magazine", "Hit from cloudfront"},
		{"/page.js", 200, "the script ran", "Miss from cloudfront"},
		{"/spring/", 200, "flowers", "Miss from cloudfront"},
		{"/spring", 200, "flowers", "Hit from cloudfront"}, // by a redirect
		{"/winter.html", 404, "<h1>Not here</h1>", "Error from cloudfront"},
		{"/winter/", 404, "<h1>Not here</h1>", "Error from cloudfront"},
	} {
		status, body, header := get(w.t, site+page.path)
		if status != page.status || !strings.Contains(body, page.says) || header.Get("X-Cache") != page.cache {
			w.t.Errorf("%q: got %d, %s, %.80q, want %+v", page.path, status, header.Get("X-Cache"), body, page)
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request(w.t, site+"/spring"))
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusFound || response.Header.Get("Location") != "/spring/" ||
		response.Header.Get("X-Cache") != "FunctionGeneratedResponse from cloudfront" {
		w.t.Errorf("/spring: got %d, %v", response.StatusCode, response.Header)
	}
}

func request(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// seeBucketClosed tries to get the site's files past CloudFront.
func (w *world) seeBucketClosed(bucket string) {
	w.t.Helper()
	if status, body, _ := get(w.t, w.endpoint+"/"+bucket+"/index.html"); status != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
		w.t.Errorf("the bucket answers %d, %s", status, body)
	}
	out, err := w.clients().S3.GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("index.html")})
	if err != nil {
		w.t.Fatal(err) // its owner may
	}
	defer out.Body.Close()
	if text, err := io.ReadAll(out.Body); err != nil || !strings.Contains(string(text), "Magazine") {
		w.t.Errorf("got %s, %v", text, err)
	}
}

// invalidated compares how many invalidations of pages there were after the
// first one, which every site begins with.
func (w *world) invalidated(t *testing.T, want int) {
	t.Helper()
	api := cloudfront.NewFromConfig(w.config())
	list, err := api.ListDistributions(t.Context(), &cloudfront.ListDistributionsInput{})
	if err != nil || len(list.DistributionList.Items) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	id := list.DistributionList.Items[0].Id
	out, err := api.ListInvalidations(t.Context(), &cloudfront.ListInvalidationsInput{DistributionId: id})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, summary := range out.InvalidationList.Items[:len(out.InvalidationList.Items)-1] {
		one, err := api.GetInvalidation(t.Context(), &cloudfront.GetInvalidationInput{DistributionId: id, Id: summary.Id})
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, one.Invalidation.InvalidationBatch.Paths.Items...)
	}
	if len(out.InvalidationList.Items) != want+1 || want > 0 && !slices.Contains(paths, "/spring/index.html") {
		t.Errorf("got %d invalidations of %v, want %d of the page", len(out.InvalidationList.Items)-1, paths, want)
	}
}
