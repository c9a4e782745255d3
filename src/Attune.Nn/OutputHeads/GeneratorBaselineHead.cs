using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.OutputHeads;

/// <summary>
/// Tells from a generator's rows how likely it is that its token will be judged rightly there (ELECTRA's adversarial variant; Clark et al. 2020,
/// arXiv:2003.10555, appendix F). It learns from the generator's rows without changing them.
/// </summary>
public sealed class GeneratorBaselineHead : Module, IBaselineHead
{
    private readonly Linear _score;

    /// <summary>Declares the map.</summary>
    /// <param name="width">The width of the generator.</param>
    /// <param name="initializer">What it starts from.</param>
    public GeneratorBaselineHead(int width, Initializer initializer) => _score = Own("score", new Linear(width, 1, initializer));

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.GeneratorBaseline;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, Tensor rows) => _score.Forward(pass.Tape, rows.Detach());
}
