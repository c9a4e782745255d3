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

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_trains_two_steps_or_names_what_is_missing(string backbone, string mixer)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        if (CompatibilityMatrix.Missing(family, Catalog.Mixers.Get(mixer)) is { } missing)
        {
            string message = Assert.Throws<ArgumentException>(() => Build(family, mixer, [])).Message;
            string named = missing.Split(' ')[^1];
            Assert.Contains(family.HasReplaceableMixers ? named : "common blocks", message, StringComparison.Ordinal);
            return;
        }
        ILearnable[] learnables =
        [
            .. Catalog.Objectives.All.Select(o => o.Sample).Where(o => CompatibilityMatrix.Missing(family, o) is null),
            .. Catalog.Tasks.All.Select(t => t.Sample).Where(t => CompatibilityMatrix.Missing(family, t) is null),
        ];
        Assert.All(learnables, learnable =>
        {
            Model model = Build(family, mixer, learnable.Heads);
            // Memory, a second stream and free masks go with the mixers that had them.
            if (Fit.Missing(model.Backbone.Capabilities, learnable) is not Capabilities.None and var lost)
                Assert.Contains(Fit.Describe(lost), Assert.Throws<ArgumentException>(() => Fit.Require(model, learnable)).Message, StringComparison.Ordinal);
            else
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
        Assert.Equal(Rows(model, Text.Ids), Rows(loaded, Text.Ids));
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

    [Fact]
    public void Nothing_flows_between_sequences_and_none_sees_the_future()
    {
        foreach (MixerKind kind in Catalog.Mixers.All.Where(m => m.Directions.HasFlag(Capabilities.Causal)))
        {
            Model model = Build(Catalog.Backbones.Get("gpt2"), kind.Name, []);
            int[] changed = [.. Text.Ids.ToArray()[..^1], 11];
            float[] first = Rows(model, Text.Ids), second = Rows(model, changed);
            int width = model.Backbone.Width;
            Assert.Equal(first[..^width], second[..^width]);
            Assert.NotEqual(first[^width..], second[^width..]);
        }
    }

    private static void Train(Model model, ILearnable learnable)
    {
        Example example = Text with { Choices = [Text, Text] };
        Batch batch = learnable.Collate([example, example, example], new RandomStream(3));
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(model, 0.01));
        var tape = new Tape();
        for (int step = 0; step < 2; step++)
        {
            tape.Begin(recording: true);
            Tensor loss = learnable.Loss(new Pass(tape), model, batch);
            tape.Backward(loss);
            Assert.True(float.IsFinite(loss.Item), learnable.Name);
            Assert.All(model.Parameters().Where(p => p.Path.Contains(".mixer.", StringComparison.Ordinal) && p.Parameter.Role != ParameterRole.Buffer),
                p => Assert.True(p.Parameter.Value.Grad is { } gradient && gradient.ToArray().All(float.IsFinite), $"{learnable.Name}: {p.Path}"));
            optimizer.Step(1e-3, 1);
            optimizer.ClearGradients();
        }
    }

    private static Model Build(IFamily family, string mixer, IReadOnlyList<HeadRequest> heads)
    {
        JsonFields config = MatrixExamples.Config(family);
        Model model = family.Build(config, heads);
        model.ReplaceMixers(new JsonFields(new JsonObject { ["kind"] = mixer, ["kernel_sizes"] = new JsonArray(3, 5) }, "attune.json"));
        model.Initialize(seed: 1);
        return model;
    }

    private static float[] Rows(Model model, ReadOnlyMemory<int> ids)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return model.Forward(new Pass(tape), TokenBatch.Of(ids.ToArray())).Hidden.ToArray();
    }
}
