using Attune.Inference.Generation;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>Continuing texts: the same seed gives the same text, the cache changes nothing, and every way of ending ends.</summary>
public sealed class TextGeneratorTests : IDisposable
{
    private const string Prompt = "the stream is";

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-generator-").FullName;
    private readonly TextGenerator _generator;

    public TextGeneratorTests()
    {
        TinyModels.SaveGpt(_folder);
        _generator = Pipelines.TextGenerator(_folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_cache_changes_nothing(bool sample)
    {
        var options = new GenerationOptions { MaxNewTokens = 20, Sample = sample, Seed = 3 };
        string cached = _generator.Generate(Prompt, options);
        Assert.Equal(_generator.Generate(Prompt, options with { UseCache = false }), cached);
        Assert.Equal(20, cached.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_seed_decides_what_is_drawn()
    {
        string Text(ulong seed) => _generator.Generate(Prompt, new GenerationOptions { MaxNewTokens = 20, Sample = true, Temperature = 2, Seed = seed });
        Assert.Equal(Text(1), Text(1));
        Assert.NotEqual(Text(1), Text(2));
    }

    [Fact]
    public void Keeping_one_token_is_taking_the_likeliest()
    {
        var greedy = new GenerationOptions { MaxNewTokens = 10 };
        Assert.Equal(_generator.Generate(Prompt, greedy), _generator.Generate(Prompt, greedy with { Sample = true, TopK = 1, Seed = 8 }));
        Assert.Equal(_generator.Generate(Prompt, greedy), _generator.Generate(Prompt, greedy with { Sample = true, TopP = 1e-6f, Seed = 8 }));
    }

    [Fact]
    public async Task Streamed_pieces_make_up_the_text()
    {
        var options = new GenerationOptions { MaxNewTokens = 12, Sample = true, Seed = 4 };
        List<string> pieces = [];
        await foreach (string piece in _generator.StreamAsync(Prompt, options, TestContext.Current.CancellationToken))
            pieces.Add(piece);
        Assert.True(pieces.Count > 1);
        Assert.Equal(_generator.Generate(Prompt, options), string.Concat(pieces));
    }

    [Fact]
    public void A_stop_string_ends_the_text_before_itself()
    {
        var options = new GenerationOptions { MaxNewTokens = 20, Sample = true, Temperature = 3, Seed = 6 };
        string whole = _generator.Generate(Prompt, options);
        string stop = whole.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], _generator.Generate(Prompt, options with { StopStrings = [stop, "never"] }));
    }

    [Fact]
    public void An_end_token_ends_the_text()
    {
        int[] ids = [.. Generate(new GenerationOptions { MaxNewTokens = 15, Sample = true, Temperature = 3, Seed = 9 })];
        int[] ended = [.. Generate(new GenerationOptions { MaxNewTokens = 15, Sample = true, Temperature = 3, Seed = 9, EndIds = [ids[4]] })];
        Assert.Equal(ids[..(Array.IndexOf(ids, ids[4]) + 1)], ended);
    }

    [Fact]
    public void The_model_ends_the_text_at_its_last_position() =>
        Assert.Equal(32 - 3, Generate(new GenerationOptions { MaxNewTokens = 100 }).Count());

    [Fact]
    public void A_prompt_that_leaves_no_room_is_refused()
    {
        string prompt = string.Join(' ', Enumerable.Repeat("stream", 32));
        Assert.Contains("at most 32", Assert.Throws<ArgumentException>(() => _generator.Generate(prompt)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _generator.Generate(""));
    }

    [Theory]
    [InlineData(0f, null, null)]
    [InlineData(1f, 0, null)]
    [InlineData(1f, null, 1.5f)]
    public void Settings_out_of_range_are_refused(float temperature, int? topK, float? topP) => Assert.Throws<ArgumentException>(() =>
        _generator.Generate(Prompt, new GenerationOptions { Sample = true, Temperature = temperature, TopK = topK, TopP = topP }));

    [Fact]
    public void Stop_strings_are_held_back_while_they_may_begin()
    {
        var stops = new StopStrings(["END", "ENOUGH"]);
        Assert.Equal(["a ", "", "", "ENX", "y "], new[] { "a ", "E", "N", "X", "y END z" }.Select(stops.Push));
        Assert.True(stops.IsStopped);
        Assert.Equal("", stops.Finish());
        var open = new StopStrings(["END"]);
        Assert.Equal("EN", open.Push("EN") + open.Finish());
    }

    private IEnumerable<int> Generate(GenerationOptions options) =>
        new TokenGenerator(Pipelines.Open(_folder).Model).Stream([5, 6, 7], options);
}
