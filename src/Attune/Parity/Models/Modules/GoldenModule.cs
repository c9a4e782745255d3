using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Parity.Models.Modules;

/// <summary>What a case gives a part of a model to read.</summary>
/// <param name="X">The rows.</param>
/// <param name="Context">The sequences, and the encoder's rows where there are some.</param>
/// <param name="Query">Rows that something is predicted from; null if there are none.</param>
internal sealed record ModuleInput(Tensor X, MixerContext Context, Tensor? Query);

/// <summary>A part of a model that has cases of its own: a mixer, a convolution, a layer. It stands where a model has its backbone.</summary>
internal sealed class GoldenModule : Module, IBackbone
{
    private readonly Func<Pass, ModuleInput, Tensor> _run;

    /// <summary>Wraps a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="causal">Whether a position must not see what follows it.</param>
    /// <param name="run">Runs it.</param>
    public GoldenModule(IModule part, bool causal, Func<Pass, ModuleInput, Tensor> run)
    {
        IsCausal = causal;
        _run = run;
        Part = Own("part", part);
    }

    /// <summary>The part.</summary>
    public IModule Part { get; }

    /// <summary>Whether a position must not see what follows it.</summary>
    public bool IsCausal { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.None;

    /// <inheritdoc/>
    public int Width => 0;

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <summary>Runs the part: <c>[rows, width]</c>.</summary>
    public Tensor Run(Pass pass, ModuleInput input) => _run(pass, input);
}
