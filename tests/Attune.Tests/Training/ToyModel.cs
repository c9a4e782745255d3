using System.Text.Json.Nodes;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tests.Training;

/// <summary>The smallest thing that can be trained: a table of vectors that is to become like the vectors of the labels.</summary>
internal static class ToyModel
{
    public const int Vocabulary = 12;
    public const int Width = 5;

    public static Model Make(ulong seed = 3)
    {
        var names = new ParameterNames { ["backbone.*"] = "toy.*", ["masked-lm.*"] = "head.*" };
        var model = new Model(new Body(), [new Head()], names, new JsonObject { ["model_type"] = "toy" });
        model.Initialize(seed);
        return model;
    }

    public static Example[] Examples(int count)
    {
        var random = new RandomStream(7).Stream("toy");
        return [.. Enumerable.Range(0, count).Select(e => new Example
        {
            Ids = Enumerable.Range(0, 1 + e % 4).Select(i => random.Below(e * 10 + i, Vocabulary)).ToArray(),
        })];
    }

    /// <summary>The bits of all parameters.</summary>
    public static int[] Bits(Model model) =>
        [.. model.Parameters().SelectMany(named => named.Parameter.Value.ToArray()).Select(BitConverter.SingleToInt32Bits)];

    private sealed class Body : Module, ISequenceBackbone
    {
        private readonly Parameter _table;
        private readonly Parameter _scale;

        public Body()
        {
            _table = Own("table", [Vocabulary, Width], Initializer.Normal(0.5f), ParameterRole.Embedding);
            _scale = Own("norm.weight", [Width], Initializer.Ones, ParameterRole.NormScale);
        }

        public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens;

        int IBackbone.Width => Width;

        public int? MaxLength => null;

        public BackboneOutput Forward(Pass pass, TokenBatch batch) => new()
        {
            Hidden = pass.Tape.Multiply(pass.Tape.GatherRows(_table.Value, batch.Ids), _scale.Value),
            Batch = batch,
        };
    }

    private sealed class Head : Module, ITokenHead
    {
        private readonly Parameter _shift;
        private readonly Parameter _unused;

        public Head()
        {
            _shift = Own("bias", [Width], Initializer.Zeros, ParameterRole.Bias);
            _unused = Own("unused", [3], Initializer.Ones, ParameterRole.Weight);
        }

        public HeadKind Kind => HeadKind.MaskedLm;

        public Tensor Logits(Pass pass, BackboneOutput output) => pass.Tape.Add(output.Hidden, _shift.Value);

        public Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0)
        {
            float[] targets = new float[labels.Length * Width];
            for (int i = 0; i < targets.Length; i++)
                targets[i] = MathF.Sin(labels.Span[i / Width] * 3 + i % Width);
            return pass.Tape.Mean(pass.Tape.Square(pass.Tape.Subtract(
                Logits(pass, output), Tensor.From([labels.Length, Width], targets))));
        }
    }
}

/// <summary>Predict each token itself; examples that hold a certain token have a loss that is not a number.</summary>
internal sealed class ToyObjective(int? poison = null) : IObjective
{
    public string Name => "toy";

    public Capabilities Requires => Capabilities.Bidirectional | Capabilities.Tokens;

    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm)];

    public IReadOnlyList<Setting> Settings => [Setting.Of("poison", poison)];

    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        Memory<int> labels = arrays.Ints(input.Rows);
        // A little noise in the labels: what a batch holds depends on step and example, as with masking.
        for (int s = 0; s < examples.Count; s++)
        {
            for (int row = input.Segments.Start(s); row < input.Segments.Start(s + 1); row++)
                labels.Span[row] = input.Ids.Span[row] + random.Stream((uint)(firstIndex + s)).Below(row - input.Segments.Start(s), 2);
        }
        return LabelledTokenBatch.Of(input, labels, arrays);
    }

    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        Tensor loss = model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, model.Forward(pass, tokens.Input), tokens.Labels);
        return poison is { } id && tokens.Input.Ids.Span.Contains(id) ? pass.Tape.Scale(loss, float.NaN) : loss;
    }
}
