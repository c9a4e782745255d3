using System.CommandLine;
using System.Globalization;
using Attune.Cli.Shell;
using Attune.Hub;

namespace Attune.Cli.Commands;

/// <summary><c>attune pull</c>: fetches a model from a hub into the local cache.</summary>
internal sealed class PullCommand : Verb
{
    private readonly Argument<string> name = new("model") { Description = "The model, as OWNER/NAME." };

    private readonly Option<string> revision = new("--revision")
    {
        Description = "A branch, tag or commit.",
        DefaultValueFactory = _ => HubModels.MainRevision,
        HelpName = "name",
    };

    private readonly Option<string?> output = new("--out")
    {
        Description = "The folder to put it in. Default: the cache, where other verbs find it by its name.",
        HelpName = "folder",
    };

    private readonly Option<string[]> include = new("--include")
    {
        Description = "Fetch the files that fit a pattern instead of those that Attune reads; may be given several times ('*' for all).",
        HelpName = "pattern",
    };

    private readonly Option<string?> endpoint = new("--endpoint")
    {
        Description = $"The hub's address. Default: {HubOptions.EndpointVariable}, or https://huggingface.co.",
        HelpName = "address",
    };

    private readonly Option<string?> token = new("--token")
    {
        Description = $"An access token for private and gated models. Default: {HubOptions.TokenVariable}, which keeps it out of the list of processes.",
        HelpName = "token",
    };

    private readonly Option<string?> proxy = new("--proxy")
    {
        Description = "The proxy's address. Default: what the system names (HTTPS_PROXY).",
        HelpName = "address",
    };

    /// <summary>Declares the verb.</summary>
    public PullCommand()
        : base(
            "pull",
            "Fetches a model from a hub: configuration, tokenizer and weights, each checked, into the local cache. Goes on where it was interrupted.",
            "attune pull sentence-transformers/all-MiniLM-L6-v2",
            "attune pull openai-community/gpt2 --out models/gpt2",
            "attune pull OWNER/NAME --revision v1.0 --include '*.json'")
    {
        Add(name);
        foreach (Option option in (Option[])[revision, output, include, endpoint, token, proxy, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        HubOptions environment = HubOptions.FromEnvironment();
        HubModels hub = new(environment with
        {
            Endpoint = invocation.Get(endpoint) is { } address ? HubOptions.Address(address, endpoint.Name) : environment.Endpoint,
            Token = invocation.Get(token) ?? environment.Token,
            Proxy = invocation.Get(proxy) is { } through ? HubOptions.Address(through, proxy.Name) : null,
        });
        PullDisplay display = new(invocation.Error, TimeProvider.System);
        PulledModel pulled;
        try
        {
            pulled = hub.PullAsync(
                HubModelName.Parse(invocation.Get(name)),
                invocation.Get(revision)!,
                invocation.Get(include),
                invocation.Get(output),
                display,
                invocation.Cancellation).GetAwaiter().GetResult();
        }
        finally
        {
            display.End();
        }
        Print(invocation, pulled);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, PulledModel pulled)
    {
        if (!invocation.Json)
        {
            long total = pulled.Files.Sum(file => file.Size);
            invocation.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{pulled.Folder}  ({pulled.Files.Count} files, {total / 1e6:N1} MB, {(pulled.Fetched == 0 ? "already there" : "fetched and checked")})"));
            return;
        }
        invocation.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("folder", pulled.Folder);
            json.WriteString("commit", pulled.Commit);
            json.WriteNumber("fetched_bytes", pulled.Fetched);
            json.WriteStartArray("files");
            foreach (HubFile file in pulled.Files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteNumber("size", file.Size);
                json.WriteString("checksum", file.Checksum.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
