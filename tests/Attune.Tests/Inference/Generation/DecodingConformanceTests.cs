using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Inference.Generation;

/// <summary>
/// Every family of the catalog: one that can write gives the same scores whether earlier tokens are kept or read again, alone or with others of
/// other lengths; one that cannot says what it lacks.
/// </summary>
public sealed class DecodingConformanceTests
{
    private const int Written = 12;

    private static readonly int[][] Prompts = [[5, 9, 7], [11, 4, 8, 8, 6, 10, 12], [3], [9, 5, 4, 13, 9]];

    private const string Own = "own";

    /// <summary>Every family with its own mixers, and with every other that can stand in it.</summary>
    public static TheoryData<string, string> Cells =>
    [
        .. Catalog.Backbones.All.Select(family => new TheoryDataRow<string, string>(family.ModelType, Own)),
        .. CompatibilityMatrix.MixerCells().Where(cell => cell.Fits).Select(cell => new TheoryDataRow<string, string>(cell.Backbone, cell.Mixer)),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Keeping_and_reading_again_agree(string name, string mixer)
    {
        IFamily family = Catalog.Backbones.Get(name);
        if (Lacks(family) is { } lacks)
        {
            Model unable = Build(family, mixer, []);
            Assert.Contains(lacks, Assert.Throws<InvalidOperationException>(() => new TokenGenerator(unable)).Message, StringComparison.Ordinal);
            return;
        }
        Model model = Build(family, mixer, [new HeadRequest(HeadOf(family))]);
        if (model.Backbone.Capabilities.HasFlag(Capabilities.Memory))
        {
            AssertMemoryGrowsRowByRow(model);
            return;
        }
        var options = new GenerationOptions { MaxNewTokens = Written, EndIds = [] };
        (int[][] ids, float[][] scores) = Run(model, Prompts, options);
        Assert.All(ids, sequence => Assert.Equal(Written, sequence.Length));
        (int[][] again, float[][] scoresAgain) = Run(model, Prompts, options with { UseCache = false });
        Assert.Equal(ids, again);
        for (int s = 0; s < Prompts.Length; s++)
        {
            AssertNear(scoresAgain[s], scores[s]);
            // Whole sequences at once, without any state.
            AssertNear(Whole(model, Prompts[s], ids[s]), scores[s]);
            // The same alone.
            AssertNear(Run(model, [Prompts[s]], options).Scores[0], scores[s]);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Beams_agree_too(string name, string mixer)
    {
        IFamily family = Catalog.Backbones.Get(name);
        if (Lacks(family) is not null)
            return;
        Model model = Build(family, mixer, [new HeadRequest(HeadOf(family))]);
        var generator = new TokenGenerator(model);
        GenerationPrompt[] prompts = [.. Prompts.Select(ids => new GenerationPrompt(ids))];
        var options = new GenerationOptions { MaxNewTokens = 8, Beams = 3, Returns = 2, EndIds = [7], NoRepeatNgram = 2 };
        var cached = generator.Generate(prompts, options);
        var again = generator.Generate(prompts, options with { UseCache = false });
        for (int s = 0; s < Prompts.Length; s++)
        {
            var alone = generator.Generate([prompts[s]], options)[0];
            for (int i = 0; i < options.Returns; i++)
            {
                Assert.Equal(cached[s][i].Score!.Value, again[s][i].Score!.Value, 1e-4f);
                Assert.Equal(cached[s][i].Score!.Value, alone[i].Score!.Value, 1e-4f);
            }
            Assert.Equal(cached[s][0].Ids, again[s][0].Ids);
            Assert.Equal(cached[s][0].Ids, alone[0].Ids);
            Assert.True(cached[s][0].Score >= cached[s][1].Score);
        }
    }

    private static Model Build(IFamily family, string mixer, IReadOnlyList<HeadRequest> heads)
    {
        JsonFields config = MatrixExamples.Config(family);
        // Experts that are full turn rows away, and how many there are depends on how many are read at once.
        if (config.Has("expert_capacity"))
            config.Node["expert_capacity"] = 64;
        Model model = family.Build(config, heads);
        if (mixer != Own)
            model.ReplaceMixers(new JsonFields(new JsonObject { ["kind"] = mixer, ["kernel_sizes"] = new JsonArray(3, 5) }, "attune.json"));
        model.Initialize(1);
        return model;
    }

    // What a family lacks to write, as the error names it; null if it can.
    private static string? Lacks(IFamily family)
    {
        Capabilities can = Build(family, Own, []).Backbone.Capabilities;
        if (!can.HasFlag(Capabilities.Causal) && !can.HasFlag(Capabilities.EncoderDecoder))
            return "causal";
        HeadKind head = HeadOf(family);
        return family.Architectures.Values.Any(kinds => kinds.Contains(head)) ? null : $"'{head}' head";
    }

    private static HeadKind HeadOf(IFamily family) =>
        family.Capabilities.HasFlag(Capabilities.EncoderDecoder) ? HeadKind.SequenceToSequenceLm : HeadKind.CausalLm;

    private static (int[][] Ids, float[][] Scores) Run(Model model, int[][] prompts, GenerationOptions options)
    {
        List<float>[] scores = [.. prompts.Select(_ => new List<float>())];
        var found = new TokenGenerator(model).Generate(
            [.. prompts.Select(ids => new GenerationPrompt(ids))], options, (sequence, given) => scores[sequence].AddRange(given));
        return ([.. found.Select(sequences => sequences[0].Ids.ToArray())], [.. scores.Select(all => all.ToArray())]);
    }

    // The scores of every written token, from one pass.
    private static float[] Whole(Model model, int[] prompt, int[] written)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape);
        BackboneOutput output;
        HeadKind head;
        if (model.Backbone is IEncoderDecoder both)
        {
            output = both.Decode(pass, TokenBatch.Of([model.DecoderStartId, .. written[..^1]]), both.Encode(pass, TokenBatch.Of(prompt)));
            head = HeadKind.SequenceToSequenceLm;
        }
        else
        {
            output = model.Forward(pass, TokenBatch.Of([.. prompt, .. written[..^1]]));
            head = HeadKind.CausalLm;
        }
        Tensor logits = model.Head<ITokenHead>(head).Logits(pass, output);
        return logits.ToArray()[^(written.Length * logits.Shape.Width)..];
    }

    // Where there is nothing to remember yet, rows read one by one see what rows of one segment see.
    private static void AssertMemoryGrowsRowByRow(Model model)
    {
        int[] ids = Prompts[^1];
        var tape = new Tape();
        BackboneOutput Read(int[] unread, SegmentMemory? memory)
        {
            tape.Begin(recording: false);
            return model.Forward(new Pass(tape), TokenBatch.Of(unread) with { Memory = memory, KeepsMemory = true });
        }
        int blocks = Read(ids, null).Memory!.Blocks.Count, width = model.Backbone.Width;
        var nothing = new SegmentMemory([.. Enumerable.Repeat(Tensor.Zeros([0, width]), blocks)], Segments.Equal(1, 0));
        float[] whole = Read(ids, nothing).Hidden.ToArray();
        SegmentMemory memory = nothing;
        for (int i = 0; i < ids.Length; i++)
        {
            BackboneOutput output = Read([ids[i]], memory);
            AssertNear(whole[(i * width)..((i + 1) * width)], output.Hidden.ToArray());
            memory = output.Memory! with { Blocks = [.. output.Memory.Blocks.Select(block => Tensor.From(block.Shape, block.Span))] };
        }
    }

    private static void AssertNear(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-4f);
    }
}
