namespace Attune.Hub;

/// <summary>Where models come from and where they are kept.</summary>
public sealed record HubOptions
{
    /// <summary>The variable that names another hub.</summary>
    public const string EndpointVariable = "HF_ENDPOINT";

    /// <summary>The variable that holds an access token.</summary>
    public const string TokenVariable = "HF_TOKEN";

    /// <summary>The variable that names another cache folder.</summary>
    public const string CacheVariable = "ATTUNE_CACHE";

    /// <summary>The hub; plain http is accepted only if it stands here.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>Shown to the hub itself and to no server that it redirects to; needed for private and gated models.</summary>
    public string? Token { get; init; }

    /// <summary>The proxy; null for the one the system names (<c>HTTPS_PROXY</c> and its like).</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Where pulled models are kept.</summary>
    public string Cache { get; init; } = DefaultCache;

    /// <summary>How often a request is made again in a row without one more byte having come.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The wait before the first repetition; it doubles each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a silent server is waited for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The folder that models are kept in where nothing else is said: <c>attune/models</c> in the user's cache folder.</summary>
    public static string DefaultCache { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named && !OperatingSystem.IsWindows()
            ? named
            : OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "attune",
        "models");

    /// <summary>What the environment says, defaults elsewhere.</summary>
    /// <exception cref="FormatException">A variable does not hold an address.</exception>
    public static HubOptions FromEnvironment()
    {
        HubOptions options = new();
        return options with
        {
            Endpoint = Variable(EndpointVariable) is { } endpoint ? Address(endpoint, EndpointVariable) : options.Endpoint,
            Token = Variable(TokenVariable),
            Cache = Variable(CacheVariable) ?? options.Cache,
        };
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="what">Where it stands, for the message.</param>
    /// <exception cref="FormatException">Not an http or https address.</exception>
    public static Uri Address(string text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? uri
            : throw new FormatException($"{what}: found '{text}', expected an address such as https://huggingface.co.");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
