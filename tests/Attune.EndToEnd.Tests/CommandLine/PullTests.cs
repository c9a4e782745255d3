using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Attune.Tests.Hub;
using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary><c>attune pull</c> from a hub on this machine, through a proxy and beside another process.</summary>
public sealed class PullTests : IDisposable
{
    // A name that no resolver knows: what reaches the hub by it went through the proxy.
    private const string Nowhere = "http://hub.invalid";

    private readonly TemporaryFolder folder = new();
    private readonly StandInHub hub = new();

    public PullTests() => Fill(hub);

    private string Target => folder.File("model");

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void TheProxyOptionNamesTheProxy()
    {
        using StandInProxy proxy = new(hub.Port) { Password = "name:word" };
        var pulled = Pull(Nowhere, [], "--proxy", $"http://name:word@127.0.0.1:{proxy.Port}");
        Assert.Equal("", string.Join('\n', pulled.ErrorLines.Where(line => line.Contains("error", StringComparison.Ordinal))));
        Assert.Equal(0, pulled.ExitCode);
        Assert.True(File.Exists(Path.Combine(Target, "model.safetensors")));
    }

    [Fact]
    public void WithoutTheOptionTheEnvironmentNamesIt()
    {
        using StandInProxy proxy = new(hub.Port) { Password = "name:word" };
        Assert.Equal(0, Pull(Nowhere, Through(proxy, "http_proxy", "name:word@")).ExitCode);
        Assert.NotEmpty(proxy.Requests);
    }

    [Fact]
    public void HostsThatTheEnvironmentExceptsAreReachedStraight()
    {
        using StandInProxy proxy = new(hub.Port);
        var pulled = Pull(hub.Endpoint.ToString(), new(Through(proxy, "http_proxy")) { ["NO_PROXY"] = "example.org,127.0.0.1" });
        Assert.Equal(0, pulled.ExitCode);
        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public void ARefusingProxyIsNamedInOneLine()
    {
        using StandInProxy proxy = new(hub.Port) { Password = "name:word" };
        var pulled = Pull(Nowhere, Through(proxy, "http_proxy"));
        Assert.NotEqual(0, pulled.ExitCode);
        string line = Assert.Single(pulled.ErrorLines);
        Assert.Contains($"the proxy http://127.0.0.1:{proxy.Port}", line, StringComparison.Ordinal);
        Assert.Contains("NAME:PASSWORD@", line, StringComparison.Ordinal);
        Assert.Empty(hub.Requests);
    }

    [Fact]
    public void AnEncryptedHubIsReachedThroughATunnel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only here can one process be told to trust a certificate of a test's.");
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=hub.invalid", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("hub.invalid");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(folder.File("trusted.pem"), certificate.ExportCertificatePem());

        using StandInHub encrypted = new(certificate);
        Fill(encrypted);
        using StandInProxy proxy = new(encrypted.Port) { Password = "name:word" };
        var pulled = Pull(
            "https://hub.invalid",
            new(Through(proxy, "HTTPS_PROXY", "name:word@")) { ["SSL_CERT_FILE"] = folder.File("trusted.pem") });
        Assert.Equal("", string.Join('\n', pulled.ErrorLines.Where(line => line.Contains("error", StringComparison.Ordinal))));
        Assert.Equal(0, pulled.ExitCode);
        Assert.All(proxy.Requests, tunnel => Assert.StartsWith("CONNECT hub.invalid:443 ", tunnel.Line, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(Target, "model.safetensors")));
    }

    [Fact]
    public void ASecondProcessIsRefusedUntilTheFirstIsGoneHoweverItWent()
    {
        using ManualResetEventSlim asked = new(), goOn = new();
        hub.Instead = path =>
        {
            if (path.EndsWith("model.safetensors", StringComparison.Ordinal))
            {
                asked.Set();
                goOn.Wait(TimeSpan.FromMinutes(1));
            }
            return null;
        };
        string[] line = ["pull", "o/n", "--endpoint", hub.Endpoint.ToString(), "--out", Target];
        using Process first = AttuneProcess.Start(line);
        Assert.True(asked.Wait(TimeSpan.FromMinutes(1)));
        var second = AttuneProcess.Run(line);
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("another process is fetching this model", second.Error, StringComparison.Ordinal);
        first.Kill();
        first.WaitForExit();
        goOn.Set();
        Assert.Equal(0, AttuneProcess.Run(line).ExitCode);
    }

    private static void Fill(StandInHub hub)
    {
        hub.Add("config.json", "{}"u8.ToArray());
        hub.Add("model.safetensors", new byte[5000]);
    }

    private static Dictionary<string, string> Through(StandInProxy proxy, string variable, string user = "") =>
        new() { [variable] = $"http://{user}127.0.0.1:{proxy.Port}" };

    private AttuneProcess.Result Pull(string endpoint, Dictionary<string, string> environment, params string[] more) =>
        AttuneProcess.Run(["pull", "o/n", "--endpoint", endpoint, "--out", Target, .. more], input: null, environment);
}
