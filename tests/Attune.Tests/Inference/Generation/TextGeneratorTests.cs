using System.Text.Json.Nodes;
using Attune.Inference;
using Attune.Inference.Generation;
using Xunit;

namespace Attune.Tests.Inference.Generation;

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

    [Fact]
    public void A_prompt_that_leaves_no_room_loses_its_beginning_if_it_may_be_cut()
    {
        TextGenerator cutting = Pipelines.TextGenerator(_folder, new() { TooLong = TooLong.Truncate });
        var options = new GenerationOptions { MaxNewTokens = 10, EndIds = [] };
        string kept = string.Join(' ', Enumerable.Repeat("stream is", 11)), whole = "closed file " + kept + " " + kept;
        Assert.Equal(_generator.Generate(kept, options), cutting.Generate(whole[^kept.Length..], options));
        Assert.Equal(_generator.Generate(kept, options), cutting.Generate(whole, options));
    }

    [Theory]
    [InlineData(0f, null, null)]
    [InlineData(1f, 0, null)]
    [InlineData(1f, null, 1.5f)]
    public void Settings_out_of_range_are_refused(float temperature, int? topK, float? topP) => Assert.Throws<ArgumentException>(() =>
        _generator.Generate(Prompt, new GenerationOptions { Sample = true, Temperature = temperature, TopK = topK, TopP = topP }));

    [Fact]
    public void Several_prompts_at_once_give_what_each_gives_alone()
    {
        string[] prompts = [Prompt, "a", "open file reader reads lines"];
        var options = new GenerationOptions { MaxNewTokens = 10, RepetitionPenalty = 1.5f };
        Assert.Equal(prompts.Select(prompt => _generator.Generate(prompt, options)), _generator.Generate(prompts, options).Select(texts => texts.Single().Text));
    }

    [Fact]
    public void The_best_beam_comes_first()
    {
        var options = new GenerationOptions { MaxNewTokens = 8, Beams = 4, Returns = 3 };
        IReadOnlyList<GeneratedText> texts = _generator.Generate([Prompt], options)[0];
        Assert.Equal(3, texts.Count);
        Assert.Equal(texts.OrderByDescending(text => text.Score), texts);
        Assert.Equal(texts[0].Text, _generator.Generate(Prompt, options));
    }

    [Fact]
    public void Drawn_texts_differ_and_the_first_is_that_of_a_single_draw()
    {
        var options = new GenerationOptions { MaxNewTokens = 12, Sample = true, Temperature = 2, Seed = 3 };
        IReadOnlyList<GeneratedText> texts = _generator.Generate([Prompt], options with { Returns = 4 })[0];
        Assert.Equal(4, texts.Select(text => text.Text).Distinct().Count());
        Assert.Equal(_generator.Generate(Prompt, options), texts[0].Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_stop_string_ends_every_text_before_itself(int beams)
    {
        var options = new GenerationOptions { MaxNewTokens = 20, Beams = beams };
        string stop = _generator.Generate(Prompt, options).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
        foreach (GeneratedText text in _generator.Generate([Prompt, "a reader"], options with { StopStrings = [stop] }).SelectMany(texts => texts))
            Assert.DoesNotContain(stop, text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Beams_cannot_be_streamed() => Assert.Contains(
        "one beam", Assert.Throws<ArgumentException>(() => _generator.Stream(Prompt, new GenerationOptions { Beams = 2 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Published_settings_are_the_defaults()
    {
        File.WriteAllText(Path.Combine(_folder, GenerationConfig.FileName), """{ "max_new_tokens": 4, "num_beams": 2, "eos_token_id": 3 }""");
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "config.json")))!;
        config["no_repeat_ngram_size"] = 2;
        File.WriteAllText(Path.Combine(_folder, "config.json"), config.ToJsonString());
        GenerationOptions defaults = Pipelines.TextGenerator(_folder).Defaults;
        Assert.Equal(2, defaults.NoRepeatNgram);
        Assert.Equal((4, 2, 3), (defaults.MaxNewTokens, defaults.Beams, defaults.EndIds!.Single()));
        Assert.Equal(_generator.Generate(Prompt, defaults), Pipelines.TextGenerator(_folder).Generate(Prompt));
    }

    [Fact]
    public void An_encoder_decoder_answers_its_prompt()
    {
        string folder = Path.Combine(_folder, "t5");
        TinyModels.SaveT5(folder);
        TextGenerator answers = Pipelines.TextGenerator(folder);
        Assert.False(answers.ContinuesPrompts);
        var options = new GenerationOptions { MaxNewTokens = 9, MinNewTokens = 3 };
        string text = answers.Generate(Prompt, options);
        Assert.Equal(text, answers.Generate(Prompt, options with { UseCache = false }));
        Assert.Equal(text, string.Concat(answers.Stream(Prompt, options)));
        Assert.NotEmpty(text);
        Assert.Equal(2, answers.Generate([Prompt, "a file"], options with { Beams = 2, Returns = 2 })[1].Count);
    }

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
