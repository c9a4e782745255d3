using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>What a backbone adds to the loss reaches every objective and task while they train, and only then.</summary>
public sealed class AuxiliaryLossTests
{
    private const float Share = 0.75f;

    public static TheoryData<string> Learnables => [.. Catalog.Objectives.Names, .. Catalog.Tasks.Names];

    [Theory]
    [MemberData(nameof(Learnables))]
    public void A_learnable_adds_it_when_it_trains(string name)
    {
        ILearnable learnable = MatrixExamples.Sample(name);
        (IFamily family, JsonFields config) = MatrixExamples.Configs().First(pair => CompatibilityMatrix.Missing(pair.Family, null, learnable) is null);
        Model inner = family.Build(config, learnable.Heads);
        Module backbone = inner.Backbone is IEncoderDecoder both ? new BothHalves(both) : new Single((ISequenceBackbone)inner.Backbone);
        var model = new Model((IBackbone)backbone, inner.Heads, new ParameterNames { ["*"] = "*" }, inner.Config);
        model.Initialize(1);
        Batch batch = learnable.Collate(MatrixExamples.Of(learnable, config), default);

        var tape = new Tape();
        tape.Begin(recording: true);
        float trained = learnable.Loss(new Pass(tape), model, batch).Item;
        tape.Begin(recording: false);
        float measured = learnable.Loss(new Pass(tape), model, batch).Item;

        Assert.Equal(inner.Backbone is IEncoderDecoder ? 2 * Share : Share, trained - measured, 1e-4f);
    }

    private static BackboneOutput With(BackboneOutput output) => output with { AuxiliaryLoss = Tensor.From([], [Share]) };

    private sealed class Single : Module, ISequenceBackbone, IReadsEntities
    {
        private readonly ISequenceBackbone _inner;

        public Single(ISequenceBackbone inner) => _inner = Own("inner", inner);

        public Capabilities Capabilities => _inner.Capabilities;

        public int Width => _inner.Width;

        public int? MaxLength => _inner.MaxLength;

        public int EntityWidth => ((IReadsEntities)_inner).EntityWidth;

        public BackboneOutput Forward(Pass pass, TokenBatch batch) => With(_inner.Forward(pass, batch));
    }

    private sealed class BothHalves : Module, IEncoderDecoder
    {
        private readonly IEncoderDecoder _inner;

        public BothHalves(IEncoderDecoder inner) => _inner = Own("inner", inner);

        public Capabilities Capabilities => _inner.Capabilities;

        public int Width => _inner.Width;

        public int? MaxLength => _inner.MaxLength;

        public BackboneOutput Encode(Pass pass, TokenBatch source) => With(_inner.Encode(pass, source));

        public BackboneOutput Decode(Pass pass, TokenBatch target, BackboneOutput source) => With(_inner.Decode(pass, target, source));
    }
}
