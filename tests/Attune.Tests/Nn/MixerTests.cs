using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Tensors;
using Attune.Tests.Training;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Tests.Nn;

/// <summary>Any mixer in any backbone: every cell of backbone, mixer and objective or task trains, or names what is missing.</summary>
public sealed class MixerTests : IDisposable
{
    private static readonly Example Text = new()
    {
        Ids = new[] { 4, 5, 6, 7, 8, 9, 10, 4, 5, 6, 7, 2 },
        TargetIds = new[] { 6, 5, 4, 2 },
        Label = 1,
        Value = 0.5f,
        TokenLabels = new int[12],
        Span = (1, 3),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-mixer-").FullName;

    public static TheoryData<string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (MixerCell cell in CompatibilityMatrix.MixerCells())
                cells.Add(cell.Backbone, cell.Mixer);
            return cells;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Every backbone with its mixer, and every objective and task: two real steps, or an error that names what is missing.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_trains_two_steps_or_names_what_is_missing(string backbone, string mixer)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        MixerKind kind = Catalog.Mixers.Get(mixer);
        if (CompatibilityMatrix.Missing(family, kind) is { } unfit)
        {
            string message = Assert.Throws<ArgumentException>(() => Build(family, mixer, [])).Message;
            Assert.Contains(unfit.Split(' ')[^1], message, StringComparison.Ordinal);
            return;
        }
        ILearnable[] learnables = [.. Catalog.Objectives.All.Select(o => o.Sample), .. Catalog.Tasks.All.Select(t => t.Sample)];
        Assert.All(learnables, learnable =>
        {
            Capabilities lacked = Fit.Missing(CompatibilityMatrix.Offered(family, kind), learnable);
            if (lacked != Capabilities.None)
            {
                // A family's capabilities are those that all of its bodies have; this one may have more, or get it with the mixer.
                Model body = Build(family, mixer, []);
                Capabilities here = Fit.Missing(body.Backbone.Capabilities, learnable);
                if (here == Capabilities.None && kind.Capabilities.HasFlag(lacked))
                    return;
                Assert.True(here != Capabilities.None && lacked.HasFlag(here), $"{learnable.Name}: {here} is missing, {lacked} is said to be");
                Assert.Contains(Fit.Describe(here), Assert.Throws<ArgumentException>(() => Fit.Require(body, learnable)).Message, StringComparison.Ordinal);
                return;
            }
            if (CompatibilityMatrix.Missing(family, kind, learnable) is { } head)
            {
                string message = Assert.ThrowsAny<Exception>(() => Build(family, mixer, learnable.Heads)).Message;
                Assert.Contains(head.Split(' ')[2], message, StringComparison.Ordinal);
                return;
            }
            Model model = Build(family, mixer, learnable.Heads);
            Fit.Require(model, learnable);
            Train(model, learnable);
        });
    }

    [Fact]
    public void A_saved_model_keeps_its_mixer()
    {
        IFamily family = Catalog.Backbones.Get("bert");
        Model model = Build(family, "dynamic-conv", [new HeadRequest(HeadKind.MaskedLm)]);
        ModelFolder.Save(model, family, _folder);
        Model loaded = ModelFolder.Load(_folder, Catalog.Backbones.All).Model;
        Assert.Equal(Rows(model, Text.Ids.ToArray()), Rows(loaded, Text.Ids.ToArray()));
    }

    [Theory]
    [InlineData("self-attention")]
    [InlineData("lightweight-conv")]
    [InlineData("dynamic-conv")]
    [InlineData("dilated-conv")]
    [InlineData("lstm")]
    public void Decoding_step_by_step_agrees_with_whole_sequences(string mixer)
    {
        Model model = Build(Catalog.Backbones.Get("gpt2"), mixer, []);
        int[] ids = Text.Ids.ToArray();
        float[] whole = Rows(model, ids);
        var cache = new KeyValueCache(2);
        var tape = new Tape();
        int width = model.Backbone.Width, read = 0;
        foreach (int count in (int[])[3, 1, 2, 1, 5])
        {
            tape.Begin(recording: false);
            int[] part = ids[read..(read + count)];
            BackboneOutput output = model.Forward(new Pass(tape), TokenBatch.Of(part, part) with { State = cache });
            float[] found = output.Hidden.ToArray();
            for (int i = 0; i < found.Length; i++)
                Assert.Equal(whole[read * width + i % (count * width)], found[i], 1e-5f);
            read += count;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Nothing_flows_between_sequences_and_none_sees_the_future(string backbone, string mixer)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        if (CompatibilityMatrix.Missing(family, Catalog.Mixers.Get(mixer)) is not null || !family.Capabilities.HasFlag(Capabilities.Tokens))
            return;
        Model model = Build(family, mixer, []);
        int[] ids = Text.Ids.ToArray(), changed = [.. ids[..^1], 11], other = [9, 3, 7];
        // The other sequence changes nothing, wherever it stands; only routers of experts look at a whole batch.
        float[] alone = Rows(model, ids);
        if (!MatrixExamples.Config(family).Has("num_experts"))
        {
            Near(alone, Rows(model, ids, other)[..alone.Length]);
            Near(alone, Rows(model, other, ids)[^alone.Length..]);
        }
        float[] second = Rows(model, changed);
        int width = model.Backbone.Width;
        bool causal = model.Backbone is IEncoderDecoder || model.Backbone.Capabilities.HasFlag(Capabilities.Causal);
        if (causal)
            Assert.Equal(alone[..^width], second[..^width]);
        Assert.NotEqual(alone[^width..], second[^width..]);
    }

    [Theory]
    [InlineData("transfo-xl")]
    [InlineData("xlnet")]
    public void What_is_remembered_reads_as_if_it_stood_before(string backbone)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        Assert.All(Catalog.Mixers.All.Where(kind => kind.Capabilities.HasFlag(Capabilities.Memory)), kind =>
        {
            JsonFields config = MatrixExamples.Config(family);
            (config.Node["mem_len"], config.Node["attn_type"]) = (32, backbone == "xlnet" ? JsonValue.Create("uni") : JsonValue.Create(0));
            Model model = Build(family, kind.Name, [], config);
            Assert.True(model.Backbone.Capabilities.HasFlag(Capabilities.Memory));
            int[] ids = Text.Ids.ToArray();
            float[] whole = Rows(model, ids, ids[..7]);
            var tape = new Tape();
            SegmentMemory? memory = null;
            int width = model.Backbone.Width, read = 0;
            foreach (int count in (int[])[3, 1, 4])
            {
                tape.Begin(recording: false);
                BackboneOutput output = model.Forward(
                    new Pass(tape), TokenBatch.Of(ids[read..(read + count)], ids[Math.Min(read, 7)..Math.Min(read + count, 7)]) with { Memory = memory, KeepsMemory = true });
                Near(whole[(read * width)..((read + count) * width)], output.Hidden.ToArray()[..(count * width)]);
                memory = output.Memory! with { Blocks = [.. output.Memory.Blocks.Select(block => Tensor.From(block.Shape, block.Span))] };
                read += count;
            }
        });
    }

    [Fact]
    public void A_set_has_no_order_under_any_mixer_that_it_takes()
    {
        Model model = Build(Catalog.Backbones.Get("set_transformer"), "self-attention", []);
        int width = model.Backbone.Width;
        float[] straight = Rows(model, [4, 9, 6, 12]), turned = Rows(model, [12, 6, 9, 4]);
        for (int row = 0; row < 4; row++)
            Near(straight[(row * width)..((row + 1) * width)], turned[((3 - row) * width)..((4 - row) * width)]);
    }

    [Fact]
    public void A_target_does_not_see_its_token_and_knows_its_place()
    {
        Model model = Build(Catalog.Backbones.Get("xlnet"), "self-attention", []);
        int[] ids = [4, 9, 6, 12, 7];
        // Each row sees those before it in the order 4, 1, 3, 0, 2; rows 0 and 2 are predicted.
        int[] rank = [3, 1, 4, 2, 0];
        bool[] visible = [.. from query in Enumerable.Range(0, 5) from key in Enumerable.Range(0, 5) select rank[key] < rank[query]];
        float[] Targets(int[] tokens)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            TokenBatch batch = TokenBatch.Of(tokens) with { PairMask = visible, Targets = new TargetRows(new[] { 0, 2 }, Segments.Equal(1, 2)) };
            return model.Forward(new Pass(tape), batch).Hidden.ToArray();
        }
        int width = model.Backbone.Width;
        float[] first = Targets(ids), own = Targets([4, 9, 15, 12, 7]), seen = Targets([4, 15, 6, 12, 7]), later = Targets([15, 9, 6, 12, 7]);
        Assert.Equal(first, own);
        Assert.NotEqual(first[..width], seen[..width]);
        Assert.Equal(first[..width], later[..width]);
        Assert.NotEqual(first[width..], later[width..]);
        Assert.NotEqual(first[..width], first[width..]);
    }

    [Theory]
    [InlineData("ernie_thu")]
    [InlineData("feedback")]
    [InlineData("set_transformer")]
    [InlineData("transfo-xl")]
    [InlineData("xlnet")]
    public void Gradients_pass_through_every_mixer(string backbone)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        Assert.All(Catalog.Mixers.All.Where(kind => CompatibilityMatrix.Missing(family, kind) is null), kind =>
        {
            Model model = Build(family, kind.Name, []);
            float[] rows = Rows(model, [4, 9, 6]);
            int width = family.ModelType == "set_transformer" ? MatrixExamples.Config(family).Int("dim_hidden") : rows.Length / 3;
            var segments = Segments.FromLengths([3, 1]);
            // A rough surface would hide the gradient among the differences' own error.
            GradientCheck.Run(
                (tape, inputs) => model.Forward(new Pass(tape), new TokenBatch { Features = inputs[0], Segments = segments, Ids = new int[4] }).Hidden,
                [GradientCheck.Normal([4, width], 3)], tolerance: 1e-2);
        });
    }

    [Fact]
    public void Gradients_pass_into_what_is_read_before() => Assert.All(
        Catalog.Mixers.All.Where(kind => kind.Capabilities.HasFlag(Capabilities.Causal)), kind => Assert.All([true, false], causal =>
        {
            var settings = MixerSettings.Read(new JsonFields(new JsonObject { ["kind"] = kind.Name, ["kernel_sizes"] = new JsonArray(3) }, "attune.json"));
            var mixer = (Module)kind.Make(settings, new MixerPlace(8, 0, causal, null));
            mixer.Initialize(1);
            bool[] visible = [true, true, false, true, true];
            GradientCheck.Run(
                (tape, inputs) => ((ISequenceMixer)mixer).Mix(new Pass(tape), inputs[0], new MixerContext(Segments.FromLengths([4, 1]))
                {
                    Causal = causal,
                    KeyMask = visible,
                    Memory = inputs[1],
                    MemorySegments = Segments.FromLengths([1, 3]),
                }),
                [GradientCheck.Normal([5, 8], 1), GradientCheck.Normal([4, 8], 2)]);
        }));

    [Theory]
    [InlineData("lstm")]
    [InlineData("lightweight-conv")]
    [InlineData("linformer")]
    [InlineData("self-attention")]
    public void Rows_that_may_not_be_seen_change_no_other(string name)
    {
        MixerKind kind = Catalog.Mixers.Get(name);
        var mixer = (Module)kind.Make(new MixerSettings { Kind = kind }, new MixerPlace(8, 0, Causal: false, 16));
        mixer.Initialize(1);
        float[] Mixed(float hidden)
        {
            Tensor x = GradientCheck.Normal([4, 8], 5).Detach();
            x.Span.Slice(8, 8).Fill(hidden);
            var tape = new Tape();
            tape.Begin(recording: false);
            return ((ISequenceMixer)mixer).Mix(new Pass(tape), x, new MixerContext(Segments.Equal(1, 4)) { KeyMask = new[] { true, false, true, true } }).ToArray();
        }
        float[] first = Mixed(1), second = Mixed(-2);
        Assert.Equal(first[..8], second[..8]);
        Assert.Equal(first[16..], second[16..]);
    }

    private static void Train(Model model, ILearnable learnable)
    {
        // Classifiers of encoder-decoders read the token that ends a text.
        int end = new JsonFields(model.Config, "config.json").Int("eos_token_id", Text.Ids.Span[^1]);
        Example ended = Text with { Ids = (int[])[.. Text.Ids.Span[..^1], end] };
        Example example = ended with { Choices = [ended, ended] };
        Batch batch = learnable.Collate([example, example, example], new RandomStream(3));
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(model, 0.01));
        var tape = new Tape();
        for (int step = 0; step < 2; step++)
        {
            tape.Begin(recording: true);
            Tensor loss = learnable.Loss(new Pass(tape), model, batch);
            tape.Backward(loss);
            Assert.True(float.IsFinite(loss.Item), learnable.Name);
            Assert.All(model.Parameters().Where(p => IHasMixers.IsOfMixer(p.Path) && p.Parameter.Role != ParameterRole.Buffer),
                p => Assert.True(p.Parameter.Value.Grad is { } gradient && gradient.ToArray().All(float.IsFinite), $"{learnable.Name}: {p.Path}"));
            optimizer.Step(1e-3, 1);
            optimizer.ClearGradients();
        }
    }

    private static Model Build(IFamily family, string mixer, IReadOnlyList<HeadRequest> heads, JsonFields? config = null)
    {
        Model model = family.Build(config ?? MatrixExamples.Config(family), heads);
        model.ReplaceMixers(new JsonFields(new JsonObject { ["kind"] = mixer, ["kernel_sizes"] = new JsonArray(3, 5) }, "attune.json"));
        model.Initialize(seed: 1);
        return model;
    }

    private static float[] Rows(Model model, params int[][] sequences)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape);
        TokenBatch batch = TokenBatch.Of(sequences);
        // What a decoder writes must not see its own future either.
        BackboneOutput output = model.Backbone is IEncoderDecoder both
            ? both.Decode(pass, batch, both.Encode(pass, TokenBatch.Of([.. sequences.Select(ids => ids[..2])])))
            : model.Forward(pass, batch);
        return output.Hidden.ToArray();
    }

    private static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5f);
    }
}
