using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.OutputHeads;

/// <summary>A small masked language model that is trained beside another one, for which it makes up tokens (ELECTRA).</summary>
public sealed class GeneratorHead : Module, IGeneratorHead, IHasMixers
{
    private readonly ITokenHead _output;

    /// <summary>Puts it together.</summary>
    /// <param name="backbone">Its body, which may share tables with the other model's.</param>
    /// <param name="output">Its output.</param>
    public GeneratorHead(ISequenceBackbone backbone, ITokenHead output)
    {
        Body = Own("backbone", backbone);
        _output = Own("output", output);
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.Generator;

    /// <inheritdoc/>
    public ISequenceBackbone Body { get; }

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings) =>
        (Body as IHasMixers ?? throw new ArgumentException("This generator's body has no mixers that can be replaced.", nameof(settings))).ReplaceMixers(settings);

    /// <inheritdoc/>
    public BackboneOutput Forward(Pass pass, TokenBatch batch) => Body.Forward(pass, batch);

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output) => _output.Logits(pass, output);
}
