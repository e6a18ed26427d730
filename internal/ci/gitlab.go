package ci

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Images that GitLab's jobs run in.
const (
	imageDocker = "docker:28"
	imageDind   = "docker:28-dind"
)

// Conditions of GitLab's rules.
const (
	onTag    = "$CI_COMMIT_TAG =~ /^v/"
	onMerge  = `$CI_PIPELINE_SOURCE == "merge_request_event"`
	onBranch = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
)

// GitLab gives a .gitlab-ci.yml. Its runners allow privileged containers, unless it is without
// containers.
func GitLab(p *Project) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	changes := texts(p.gitlabPaths()...)
	root := mapping(
		field{"workflow", mapping(field{"rules", list(
			mapping(field{"if", text(onTag)}),
			mapping(field{"if", text(onMerge)}, field{"changes", changes}),
			mapping(field{"if", text(onBranch)}, field{"changes", changes}),
		)})},
	)
	var jobs *yaml.Node
	switch {
	case p.Host != nil:
		var err error
		if jobs, err = p.gitlabHost(); err != nil {
			return nil, err
		}
	case len(p.Split) > 0:
		jobs = p.gitlabSplit()
	default:
		jobs = p.gitlabJobs()
	}
	return encode(p.comment("gitlab"), merge(root, jobs))
}

// when gives rules of which one has to hold.
func when(conditions ...string) *yaml.Node {
	var out []*yaml.Node
	for _, c := range conditions {
		out = append(out, mapping(field{"if", text(c)}))
	}
	return list(out...)
}

func (p *Project) gitlabJobs() *yaml.Node {
	return mapping(
		field{"stages", short(texts("test", "build", "release"))},
		field{"default", p.gitlabDefault()},
		field{"check", mapping(
			field{"stage", text("test")},
			field{"rules", when(onMerge)},
			field{"variables", p.exports(false)},
			field{"script", texts(p.bake("test"), p.bake(nothing))},
		)},
		field{"build", mapping(
			field{"stage", text("build")},
			field{"rules", when(onBranch)},
			field{"script", texts(p.bake("test"), p.bake(nothing))},
		)},
		field{"release", mapping(
			field{"stage", text("release")},
			field{"rules", when(onTag)},
			field{"script", texts(p.bake("test"), p.bake("--push"))},
		)},
	)
}

// gitlabDefault makes a builder ready in each job.
func (p *Project) gitlabDefault() *yaml.Node {
	return mapping(
		field{"image", text(imageDocker)},
		field{"services", short(texts(imageDind))},
		field{"interruptible", boolean(true)},
		field{"before_script", texts(p.gitlabBefore()...)},
	)
}

func (p *Project) gitlabBefore() []string {
	out := []string{
		`export REVISION="$CI_COMMIT_SHA" SOURCE="$CI_PROJECT_URL" VERSION="$CI_COMMIT_TAG"`,
		`case "$VERSION" in *-*) export TAG="$VERSION" ;; esac`,
	}
	switch host := p.login(); host {
	case "", "registry.gitlab.com":
		if host == "" {
			out = append(out, `export REGISTRY="$CI_REGISTRY_IMAGE"`)
		}
		out = append(out, `printf '%s' "$CI_REGISTRY_PASSWORD" | docker login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"`)
	default:
		out = append(out, `printf '%s' "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USER" --password-stdin `+quote(host))
	}
	if len(p.SSH) > 0 {
		out = append(out, "apk add --no-cache openssh-client")
		out = append(out, strings.Split(strings.TrimSuffix(sshAgent, "\n"), "\n")...)
	}
	return append(out,
		"docker context create dind",
		"docker buildx create --use --driver docker-container dind",
	)
}

// gitlabSplit has a job for each platform, and one that puts images together.
func (p *Project) gitlabSplit() *yaml.Node {
	matrix := mapping(field{"matrix", list(mapping(field{"PLATFORM", short(texts(p.groups()...))}))})
	return mapping(
		field{"stages", short(texts("test", "build", "release"))},
		field{"default", p.gitlabDefault()},
		field{"check", mapping(
			field{"stage", text("test")},
			field{"rules", when(onMerge)},
			field{"variables", p.exports(false)},
			field{"script", texts(p.bake("test"), p.bake(nothing))},
		)},
		field{"test", mapping(
			field{"stage", text("test")},
			field{"rules", when(onBranch, onTag)},
			field{"script", texts(p.bake("test"))},
		)},
		field{"build", mapping(
			field{"stage", text("build")},
			field{"parallel", matrix},
			field{"rules", when(onBranch, onTag)},
			field{"script", texts("if [ -n \"$CI_COMMIT_TAG\" ]; then\n  " + p.bake("--push", `"$PLATFORM"`) + "\nelse\n  " + p.bake(nothing, `"$PLATFORM"`) + "\nfi\n")},
		)},
		field{"release", mapping(
			field{"stage", text("release")},
			field{"rules", when(onTag)},
			field{"script", texts("TAG=${TAG:-latest}\n" + p.putTogether())},
		)},
	)
}

// gitlabHost has a job that tests, and one for each platform that builds binaries. Those of the default
// branch write caches, those of merge requests and tags read them.
func (p *Project) gitlabHost() (*yaml.Node, error) {
	script, err := p.Host.script()
	if err != nil {
		return nil, err
	}
	image := "golang:" + p.Host.goVersion()
	if p.Host.goVersion() == "" {
		image = p.Host.Build.Toolchain.Image
	}
	matrix := mapping(field{"matrix", list(mapping(field{"PLATFORM", short(texts(p.Host.platforms()...))}))})
	caches := map[string]string{"test": "test", "build": "build-$PLATFORM"}
	job := func(name string, writes bool) *yaml.Node {
		rules := when(onMerge, onTag)
		if writes {
			rules = when(onBranch)
		}
		return mapping(field{"extends", text("." + name)}, field{"rules", rules}, field{"cache", p.gitlabCaches(caches[name], writes)})
	}
	return mapping(
		field{"stages", short(texts("test", "build"))},
		field{"default", mapping(field{"image", text(image)}, field{"interruptible", boolean(true)})},
		field{"variables", mapping(field{"GOCACHE", text("$CI_PROJECT_DIR/.cache/go-build")}, field{"GOMODCACHE", text("$CI_PROJECT_DIR/.cache/go-mod")})},
		field{".test", mapping(
			field{"stage", text("test")},
			field{"script", texts(p.in(p.Host.tests()))},
		)},
		field{".build", mapping(
			field{"stage", text("build")},
			field{"parallel", matrix},
			field{"script", texts(`REVISION="$CI_COMMIT_SHA" SOURCE="$CI_PROJECT_URL" VERSION="$CI_COMMIT_TAG"`, p.in(script))},
			field{"artifacts", mapping(field{"paths", short(texts(p.below("dist")))})},
		)},
		field{"test", job("test", false)},
		field{"test-default", job("test", true)},
		field{"build", job("build", false)},
		field{"build-default", job("build", true)},
	), nil
}

// below is a path in the build context, as seen from the root of the repository.
func (p *Project) below(name string) string { return strings.TrimPrefix(p.Context+"/"+name, "./") }

// gitlabCaches are kept by go.sum, or go.work.sum. Where there is none for it, those are taken that the
// default branch wrote last.
func (p *Project) gitlabCaches(key string, writes bool) *yaml.Node {
	sum := "go.sum"
	if p.Host.Build.Toolchain.GoFile == "go.work" {
		sum = "go.work.sum"
	}
	paths := texts(".cache/go-build", ".cache/go-mod")
	policy := "pull"
	if writes {
		policy = "pull-push"
	}
	out := []*yaml.Node{mapping(
		field{"key", mapping(field{"files", short(texts(p.below(sum)))}, field{"prefix", text(key)})},
		field{"fallback_keys", short(texts(slices.Compact([]string{key + "-newest", "test-newest"})...))},
		field{"paths", paths},
		field{"policy", text(policy)},
	)}
	if writes {
		out = append(out, mapping(field{"key", text(key + "-newest")}, field{"paths", paths}, field{"policy", text("push")}))
	}
	return list(out...)
}
