using Attune.Hub;
using Xunit;

namespace Attune.Tests.Hub;

public sealed class HubProxyTests : IDisposable
{
    // A name that no resolver knows: what reaches it went through the proxy.
    private static readonly Uri s_nowhere = new("http://hub.invalid");

    private readonly StandInHub _hub = new();
    private readonly string _cache = Directory.CreateTempSubdirectory("attune-proxy").FullName;

    public HubProxyTests()
    {
        _hub.Add("config.json", "{}"u8.ToArray());
        _hub.Add("model.safetensors", new byte[5000]);
    }

    public void Dispose()
    {
        _hub.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task EveryRequestGoesThroughTheProxy()
    {
        using StandInProxy proxy = new(_hub.Port);
        PulledModel pulled = await Pull(proxy.Endpoint);
        Assert.Equal(2, pulled.Files.Count);
        Assert.Equal(3, proxy.Requests.Count);
        Assert.All(proxy.Requests, request => Assert.StartsWith("GET http://hub.invalid/", request.Line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ANameAndPasswordInTheProxysAddressAreGivenToIt()
    {
        using StandInProxy proxy = new(_hub.Port) { Password = "some one:p@ss" };
        await Pull(new Uri($"http://some%20one:p%40ss@127.0.0.1:{proxy.Port}"));
        Assert.All(_hub.Requests, request => Assert.Null(request.Authorization));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name:wrong@")]
    public async Task AProxyThatAsksWhoItIsIsNamedAndNotAskedAgain(string user)
    {
        using StandInProxy proxy = new(_hub.Port) { Password = "name:right" };
        HubException failure = await Assert.ThrowsAsync<HubException>(() => Pull(new Uri($"http://{user}127.0.0.1:{proxy.Port}")));
        Assert.False(failure.IsRefusal);
        Assert.Contains($"the proxy http://127.0.0.1:{proxy.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("NAME:PASSWORD@", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", failure.Message, StringComparison.Ordinal);
        Assert.InRange(proxy.Requests.Count, 1, 2);
    }

    [Theory]
    [InlineData("http://hub.invalid")]
    [InlineData("https://hub.invalid")]
    public async Task AProxyThatRefusesIsNamed(string hub)
    {
        using StandInProxy proxy = new(_hub.Port) { Refusal = 403 };
        HubException failure = await Assert.ThrowsAsync<HubException>(() => Pull(proxy.Endpoint, new Uri(hub)));
        Assert.Contains($"the proxy http://127.0.0.1:{proxy.Port}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("403", failure.Message, StringComparison.Ordinal);
        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task AProxyThatIsNotThereIsNamed()
    {
        StandInProxy proxy = new(_hub.Port);
        Uri gone = proxy.Endpoint;
        proxy.Dispose();
        HubException failure = await Assert.ThrowsAsync<HubException>(() => Pull(gone));
        Assert.Contains($"the proxy {gone.GetLeftPart(UriPartial.Authority)}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("tried 3 times", failure.Message, StringComparison.Ordinal);
    }

    private Task<PulledModel> Pull(Uri proxy, Uri? hub = null) =>
        new HubModels(new HubOptions
        {
            Endpoint = hub ?? s_nowhere,
            Proxy = proxy,
            Cache = _cache,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            Timeout = TimeSpan.FromSeconds(20),
        }).PullAsync(HubModelName.Parse("o/n"), cancellation: TestContext.Current.CancellationToken);
}
