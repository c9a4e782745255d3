using Attune.Formats;
using Attune.Hub;
using Xunit;

namespace Attune.Tests.Hub;

public sealed class HubModelsTests : IDisposable
{
    private readonly StandInHub _hub = new();
    private readonly string _cache = Directory.CreateTempSubdirectory("attune-hub").FullName;
    private readonly byte[] _weights = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 ^ i >> 8))];

    public HubModelsTests()
    {
        _hub.Add("config.json", "{\"model_type\":\"bert\"}"u8.ToArray());
        _hub.Add("1_Pooling/config.json", "{}"u8.ToArray());
        _hub.Add("model.safetensors", _weights);
        _hub.Add("pytorch_model.bin", new byte[2000]);
        _hub.Add("onnx/model.onnx", new byte[3000]);
    }

    private string Target => Path.Combine(_cache, "o", "n");

    private int Fetches => _hub.Requests.Count(request => request.Path.Contains("/resolve/", StringComparison.Ordinal));

    public void Dispose()
    {
        _hub.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task WhatAttuneReadsIsFetchedAndNothingElse()
    {
        PulledModel pulled = await Pull();
        Assert.Equal(["1_Pooling/config.json", "config.json", "model.safetensors"], pulled.Files.Select(file => file.Name).Order());
        Assert.Equal(Target, pulled.Folder);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(Target, "1_Pooling", "config.json")));
        Assert.False(Directory.Exists(Target + ".partial"));
    }

    [Fact]
    public async Task TheSameContentUnderSeveralNamesIsFetchedOnce()
    {
        _hub.Add("tokenizer.json", "{\"same\":1}"u8.ToArray());
        _hub.Add("tokenizer_config.json", "{\"same\":1}"u8.ToArray());
        _hub.Add("special_tokens_map.json", "{\"same\":1}"u8.ToArray());
        await Pull();
        foreach (string name in (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
            Assert.Equal("{\"same\":1}", await File.ReadAllTextAsync(Path.Combine(Target, name)));
        Assert.Equal(4, Fetches);
    }

    [Fact]
    public async Task ASecondPullFetchesNothing()
    {
        await Pull();
        int before = Fetches;
        PulledModel again = await Pull();
        Assert.Equal(0, again.Fetched);
        Assert.Equal(before, Fetches);
    }

    [Fact]
    public async Task ACutConnectionIsTakenUpWhereItBroke()
    {
        int cuts = 0;
        _hub.Instead = path => path.EndsWith("model.safetensors", StringComparison.Ordinal) && cuts++ == 0
            ? new StandInHub.Answer(200, _weights[..100_000]) { Promised = _weights.Length }
            : null;
        await Pull();
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors")));
        Assert.Contains(_hub.Requests, request => request.Range == "100000-");
    }

    [Fact]
    public async Task WhatAFailedPullLeftIsTakenUpByTheNext()
    {
        _hub.Instead = path => path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? new StandInHub.Answer(200, _weights[..50_000]) { Promised = _weights.Length }
            : null;
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.Contains("run the same command again", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
        _hub.Instead = _ => null;
        PulledModel pulled = await Pull();
        Assert.True(pulled.Fetched < _weights.Length);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors")));
    }

    [Fact]
    public async Task ALastStepThatFailsLosesNothing()
    {
        _hub.Add("tokenizer.json", "{\"same\":1}"u8.ToArray());
        _hub.Add("tokenizer_config.json", "{\"same\":1}"u8.ToArray());
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        // Everything is fetched and has its name when the folder finds its place taken.
        await File.WriteAllTextAsync(Target, "in the way", TestContext.Current.CancellationToken);
        AttuneWriteException failure = await Assert.ThrowsAsync<AttuneWriteException>(Pull);
        Assert.Contains(Target, failure.Message, StringComparison.Ordinal);
        Assert.Equal("in the way", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
        File.Delete(Target);

        // A copy that was cut off is no copy.
        string left = Path.Combine(Target + ".partial", "model");
        await File.WriteAllTextAsync(Path.Combine(left, "config.json"), "{\"model_type\":\"", TestContext.Current.CancellationToken);
        int before = Fetches;
        PulledModel pulled = await Pull();
        Assert.Equal((before + 1, "{\"model_type\":\"bert\"}".Length), (Fetches, pulled.Fetched));
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors"), TestContext.Current.CancellationToken));
        Assert.All(pulled.Files, file => Assert.True(File.Exists(Path.Combine(Target, file.Name))));
        Assert.False(Directory.Exists(Target + ".partial"));
    }

    [Fact]
    public async Task AServerWithoutRangesIsReadFromTheBeginning()
    {
        int cuts = 0;
        _hub.Instead = path => !path.EndsWith("model.safetensors", StringComparison.Ordinal) ? null
            : cuts++ == 0 ? new StandInHub.Answer(200, _weights[..100_000]) { Promised = _weights.Length }
            : new StandInHub.Answer(200, _weights);
        await Pull();
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors")));
    }

    [Fact]
    public async Task WrongBytesAreNeverKept()
    {
        byte[] wrong = [.. _weights];
        wrong[1234] ^= 1;
        _hub.Instead = path => path.EndsWith("model.safetensors", StringComparison.Ordinal) ? new StandInHub.Answer(200, wrong) : null;
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.Contains("found checksum sha256:", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
        Assert.Equal(2, _hub.Requests.Count(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(299_999)]
    [InlineData(300_001)]
    public async Task AnotherSizeThanTheListsIsRefused(int size)
    {
        _hub.Instead = path => path.EndsWith("model.safetensors", StringComparison.Ordinal) ? new StandInHub.Answer(200, new byte[size]) : null;
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.Contains("expected 300000", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTokenGoesToTheHubAndNotWhereItRedirects()
    {
        using StandInHub store = new();
        store.Add("weights", _weights);
        store.Instead = _ => new StandInHub.Answer(200, _weights);
        _hub.Instead = path => path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? new StandInHub.Answer(302, []) { Headers = $"Location: {store.Endpoint}weights\r\n" }
            : null;
        await Pull(options => options with { Token = "secret" });
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer secret", request.Authorization));
        Assert.Null(Assert.Single(store.Requests).Authorization);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(Target, "model.safetensors")));
    }

    [Fact]
    public async Task RedirectsInACircleEnd()
    {
        _hub.Instead = path => path.Contains("/resolve/", StringComparison.Ordinal)
            ? new StandInHub.Answer(302, []) { Headers = $"Location: {path}\r\n" }
            : null;
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.Contains("redirects more than", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOverloadedServerIsAskedAgain()
    {
        int asked = 0;
        _hub.Instead = path => asked++ < 2 ? new StandInHub.Answer(asked == 1 ? 503 : 429, []) { Headers = "Retry-After: 0\r\n" } : null;
        await Pull();
        Assert.True(Directory.Exists(Target));
    }

    [Theory]
    [InlineData(404, "no such model")]
    [InlineData(401, "Give an access token")]
    [InlineData(403, "Give an access token")]
    public async Task ARefusalSaysWhatToDo(int status, string advice)
    {
        _hub.Instead = _ => new StandInHub.Answer(status, []);
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.True(failure.IsRefusal);
        Assert.Contains(advice, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b.json")]
    [InlineData("C:evil.json")]
    [InlineData("a//b.json")]
    [InlineData("CONFIG.json")]
    public async Task NamesThatLeadOutOfTheFolderAreRefused(string name)
    {
        _hub.Add(name, "{}"u8.ToArray());
        await Assert.ThrowsAsync<AttuneFormatException>(Pull);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache));
    }

    [Fact]
    public async Task AFolderThatWasNotPulledIsLeftAlone()
    {
        Directory.CreateDirectory(Target);
        await File.WriteAllTextAsync(Path.Combine(Target, "mine.txt"), "mine");
        await Assert.ThrowsAsync<InvalidOperationException>(Pull);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Target, "mine.txt")));
    }

    [Fact]
    public async Task WithoutReadableWeightsThePullSaysWhatThereIs()
    {
        _hub.Instead = path => path.StartsWith("/api/", StringComparison.Ordinal)
            ? new StandInHub.Answer(200, System.Text.Encoding.UTF8.GetBytes(_hub.Listing(list =>
                list.Replace("model.safetensors", "model.h5", StringComparison.Ordinal).Replace("pytorch_model.bin", "x.msgpack", StringComparison.Ordinal))))
            : null;
        HubException failure = await Assert.ThrowsAsync<HubException>(Pull);
        Assert.Contains("model.h5", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner/name", true)]
    [InlineData("gpt2", true)]
    [InlineData("a/b/c", false)]
    [InlineData("../x", false)]
    [InlineData("o/..", false)]
    [InlineData("o/na me", false)]
    [InlineData("", false)]
    public void NamesAreCheckedBeforeTheyBecomePaths(string text, bool valid) => Assert.Equal(valid, HubModelName.TryParse(text, out _));

    private Task<PulledModel> Pull() => Pull(options => options);

    private Task<PulledModel> Pull(Func<HubOptions, HubOptions> change) =>
        new HubModels(change(new HubOptions
        {
            Endpoint = _hub.Endpoint,
            Cache = _cache,
            Retries = 3,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            Timeout = TimeSpan.FromSeconds(20),
        })).PullAsync(HubModelName.Parse("o/n"));
}
