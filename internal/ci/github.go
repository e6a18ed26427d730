package ci

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Actions, by the versions that are known to be there.
const (
	actionCheckout = "actions/checkout@v6"
	actionBuildx   = "docker/setup-buildx-action@v4"
	actionLogin    = "docker/login-action@v4"
	actionGo       = "actions/setup-go@v6"
	actionRestore  = "actions/cache/restore@v5"
	actionSave     = "actions/cache/save@v5"
	actionUpload   = "actions/upload-artifact@v6"
)

// GitHub gives a workflow of GitHub Actions. Pull requests have a job of their own whose token can't
// write packages.
func GitHub(p *Project) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	paths := texts(p.githubPaths()...)
	root := mapping(
		field{"name", text("build")},
		field{"on", mapping(
			field{"push", mapping(field{"branches", short(texts(literal(p.Branch)))}, field{"tags", short(texts("v*"))}, field{"paths", paths})},
			field{"pull_request", mapping(field{"paths", paths})},
		)},
		field{"permissions", mapping(field{"contents", text("read")})},
		field{"concurrency", mapping(
			field{"group", text("${{ github.workflow }}-${{ github.ref }}")},
			field{"cancel-in-progress", text("${{ github.event_name == 'pull_request' }}")},
		)},
	)
	jobs, err := p.githubJobs()
	if err != nil {
		return nil, err
	}
	return encode(p.comment("github"), merge(root, mapping(field{"jobs", jobs})))
}

// literal is text that GitHub does not take for an expression.
func literal(s string) string { return strings.ReplaceAll(s, "${{", "${{ '${{' }}") }

func (p *Project) githubJobs() (*yaml.Node, error) {
	switch {
	case p.Host != nil:
		return p.githubHost()
	case len(p.Split) > 0:
		return p.githubSplit(), nil
	default:
		build := p.githubSteps()
		build = append(build,
			step("Test", p.githubSecrets(), p.bake("test")),
			step("Build", p.githubSecrets(), p.bake(nothing), field{"if", text("github.ref_type != 'tag'")}),
			step("Push", p.githubSecrets(), p.bake("--push"), field{"if", text("github.ref_type == 'tag'")}),
		)
		return mapping(
			field{"check", p.githubCheck()},
			field{"build", p.githubJob(build, field{"if", text("github.event_name != 'pull_request'")})},
		), nil
	}
}

// githubCheck is the job of pull requests: it reads caches and writes none.
func (p *Project) githubCheck() *yaml.Node {
	steps := append(p.githubSteps(), step("Test", p.githubSecrets(), p.bake("test")), step("Build", p.githubSecrets(), p.bake(nothing)))
	return mapping(
		field{"if", text("github.event_name == 'pull_request'")},
		field{"runs-on", text("ubuntu-latest")},
		field{"timeout-minutes", number(60)},
		field{"permissions", mapping(field{"contents", text("read")}, field{"packages", text("read")})},
		field{"env", p.exports(false)},
		field{"steps", list(steps...)},
	)
}

// exports sets the variable that says whether caches are written, where there are any.
func (p *Project) exports(on bool) *yaml.Node {
	if p.Cache == "" || on {
		return nil
	}
	return mapping(field{"CACHE_EXPORT", text("false")})
}

// githubJob is a job of what is pushed.
func (p *Project) githubJob(steps []*yaml.Node, before ...field) *yaml.Node {
	env := mapping(
		field{"REVISION", text("${{ github.sha }}")},
		field{"SOURCE", text("${{ github.server_url }}/${{ github.repository }}")},
		field{"VERSION", text("${{ github.ref_type == 'tag' && github.ref_name || '' }}")},
		field{"TAG", text("${{ github.ref_type == 'tag' && contains(github.ref_name, '-') && github.ref_name || 'latest' }}")},
	)
	return merge(mapping(before...), mapping(
		field{"runs-on", text("ubuntu-latest")},
		field{"timeout-minutes", number(60)},
		field{"permissions", mapping(field{"contents", text("read")}, field{"packages", text("write")})},
		field{"env", env},
		field{"steps", list(steps...)},
	))
}

// githubSteps make a builder ready.
func (p *Project) githubSteps() []*yaml.Node {
	steps := []*yaml.Node{checkout(), uses(actionBuildx)}
	host := p.login()
	if host == "" {
		host = "ghcr.io"
		steps = append(steps, step("Registry", nil, `echo "REGISTRY=ghcr.io/$(echo "$GITHUB_REPOSITORY_OWNER" | tr '[:upper:]' '[:lower:]')" >> "$GITHUB_ENV"`))
	}
	user, password := "${{ secrets.REGISTRY_USER }}", "${{ secrets.REGISTRY_PASSWORD }}"
	if host == "ghcr.io" {
		user, password = "${{ github.actor }}", "${{ secrets.GITHUB_TOKEN }}"
	}
	login := uses(actionLogin, field{"registry", text(literal(host))}, field{"username", text(user)}, field{"password", text(password)})
	if host != "ghcr.io" { // which a pull request from a fork has no secrets for
		login = merge(mapping(field{"if", text("github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository")}), login)
	}
	steps = append(steps, login)
	if len(p.SSH) > 0 {
		steps = append(steps, step("SSH agent", mapping(field{"SSH_PRIVATE_KEY", text("${{ secrets.SSH_PRIVATE_KEY }}")}), sshAgent+`echo "SSH_AUTH_SOCK=$SSH_AUTH_SOCK" >> "$GITHUB_ENV"`+"\n"))
	}
	return steps
}

// sshAgent starts an agent that holds one key.
const sshAgent = `eval "$(ssh-agent -s)"
printf '%s\n' "$SSH_PRIVATE_KEY" | ssh-add -
`

// githubSecrets are those of the forge by the variables that bake reads.
func (p *Project) githubSecrets() *yaml.Node {
	var fields []field
	for _, name := range p.Secrets {
		fields = append(fields, field{name, text("${{ secrets." + GitHubSecret(name) + " }}")})
	}
	if fields == nil {
		return nil
	}
	return mapping(fields...)
}

// GitHubSecret is the name of the secret for a variable: those that begin with GITHUB_ are GitHub's
// own, and its token reads no other repository.
func GitHubSecret(variable string) string {
	if rest, ok := strings.CutPrefix(variable, "GITHUB_"); ok {
		return "GH_" + rest
	}
	return variable
}

func checkout() *yaml.Node { return uses(actionCheckout, field{"persist-credentials", boolean(false)}) }

// uses is a step of an action, with its inputs.
func uses(action string, with ...field) *yaml.Node {
	n := mapping(field{"uses", text(action)})
	if len(with) > 0 {
		n = merge(n, mapping(field{"with", mapping(with...)}))
	}
	return n
}

// step is one of a shell. Text of the project is in the script, what GitHub knows in env.
func step(name string, env *yaml.Node, script string, more ...field) *yaml.Node {
	return merge(mapping(field{"name", text(name)}), mapping(more...), mapping(field{"env", env}, field{"run", text(literal(script))}))
}

// githubSplit has a job for each platform, and one that puts images together.
func (p *Project) githubSplit() *yaml.Node {
	pushed := field{"if", text("github.event_name != 'pull_request'")}
	test := append(p.githubSteps(), step("Test", p.githubSecrets(), p.bake("test")))
	platform := field{"PLATFORM", text("${{ matrix.platform }}")}
	env := mapping(platform)
	if s := p.githubSecrets(); s != nil {
		env = merge(env, s)
	}
	build := append(p.githubSteps(),
		step("Build", env, p.bake(nothing, `"$PLATFORM"`), field{"if", text("github.ref_type != 'tag'")}),
		step("Push", env, p.bake("--push", `"$PLATFORM"`), field{"if", text("github.ref_type == 'tag'")}),
	)
	strategy := mapping(
		field{"fail-fast", boolean(false)},
		field{"max-parallel", number(p.Parallel)},
		field{"matrix", mapping(field{"platform", short(texts(p.groups()...))})},
	)
	release := append(p.githubSteps(), step("Release", nil, p.putTogether()))
	return mapping(
		field{"check", p.githubCheck()},
		field{"test", p.githubJob(test, pushed)},
		field{"build", p.githubJob(build, field{"needs", text("test")}, pushed, field{"strategy", strategy})},
		field{"release", p.githubJob(release, field{"needs", text("build")}, field{"if", text("github.ref_type == 'tag'")})},
	)
}

// putTogether are the commands that make one image of those of its platforms, under each tag.
func (p *Project) putTogether() string {
	var out strings.Builder
	if p.login() != "" {
		out.WriteString("REGISTRY=" + quote(p.Registry) + "\n")
	}
	out.WriteString("for tag in \"$TAG\" \"$VERSION\"; do\n  tag=$(echo \"$tag\" | tr + _)\n")
	for _, img := range p.Split {
		out.WriteString(`  docker buildx imagetools create -t "$REGISTRY/` + img.Name + `:$tag"`)
		for _, platform := range img.Platforms {
			out.WriteString(` "$REGISTRY/` + img.Name + `:$tag-` + platform + `"`)
		}
		out.WriteString("\n")
	}
	out.WriteString("done\n")
	return out.String()
}

// githubHost has a job that tests, and one for each platform that builds binaries.
func (p *Project) githubHost() (*yaml.Node, error) {
	script, err := p.Host.script()
	if err != nil {
		return nil, err
	}
	setup := field{"go-version", text(p.Host.goVersion())}
	if p.Host.goVersion() == "" {
		setup = field{"go-version-file", text(literal(p.goMod()))}
	}
	job := func(key string, work ...*yaml.Node) []field {
		steps := []*yaml.Node{checkout(), uses(actionGo, setup, field{"cache", boolean(false)}), restore(key)}
		steps = append(append(steps, work...), save(key))
		return []field{{"runs-on", text("ubuntu-latest")}, {"timeout-minutes", number(60)}, {"steps", list(steps...)}}
	}
	env := mapping(
		field{"PLATFORM", text("${{ matrix.platform }}")},
		field{"REVISION", text("${{ github.sha }}")},
		field{"SOURCE", text("${{ github.server_url }}/${{ github.repository }}")},
		field{"VERSION", text("${{ github.ref_type == 'tag' && github.ref_name || '' }}")},
	)
	upload := uses(actionUpload, field{"name", text("dist-${{ matrix.platform }}")}, field{"path", text(literal(p.below("dist")))}, field{"if-no-files-found", text("error")})
	strategy := mapping(
		field{"fail-fast", boolean(false)},
		field{"max-parallel", number(p.Parallel)},
		field{"matrix", mapping(field{"platform", short(texts(p.Host.platforms()...))})},
	)
	build := append([]field{{"needs", text("test")}, {"strategy", strategy}}, job("${{ matrix.platform }}", step("Build", env, p.in(script)), upload)...)
	return mapping(
		field{"test", mapping(job("test", step("Test", nil, p.in(p.Host.tests())))...)},
		field{"build", mapping(build...)},
	), nil
}

// goCaches are the folders of compiled packages and of modules.
const goCaches = "~/.cache/go-build\n~/go/pkg/mod\n"

// restore takes the caches of a job for the same go.sum, else the newest of the job, else any.
func restore(job string) *yaml.Node {
	n := uses(actionRestore,
		field{"path", text(goCaches)},
		field{"key", text(cacheKey(job))},
		field{"restore-keys", text("go-${{ runner.os }}-" + job + "-\ngo-${{ runner.os }}-\n")},
	)
	return merge(mapping(field{"id", text("cache")}), n)
}

// save keeps them, once for a go.sum. Pull requests only read.
func save(job string) *yaml.Node {
	n := uses(actionSave, field{"path", text(goCaches)}, field{"key", text(cacheKey(job))})
	return merge(mapping(field{"if", text("github.event_name != 'pull_request' && steps.cache.outputs.cache-hit != 'true'")}), n)
}

func cacheKey(job string) string {
	return "go-${{ runner.os }}-" + job + "-${{ hashFiles('**/go.sum') }}"
}
