using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Backbones.ErnieThu;

/// <summary>
/// The aggregator of ERNIE (Zhang et al. 2019, arXiv:1905.07129): both streams pass an attention of their own, then one hidden layer reads both and
/// writes to both.
/// </summary>
internal sealed class EntityBlock : Module
{
    private ISequenceMixer _mixer;
    private readonly Norm _mixerNorm;
    private ISequenceMixer? _entityMixer;
    private readonly Norm? _entityMixerNorm;
    private readonly Linear _up;
    private readonly Linear _entityUp;
    private readonly Linear _down;
    private readonly Linear _entityDown;
    private readonly Norm _norm;
    private readonly Norm _entityNorm;
    private readonly PostNormEncoder _encoder;

    /// <summary>Declares the block.</summary>
    /// <param name="encoder">What the configuration says of the token stream.</param>
    /// <param name="entities">The attention of the entity stream.</param>
    /// <param name="attends">Whether entities attend to each other; otherwise they come as they are.</param>
    public EntityBlock(PostNormEncoder encoder, AttentionShape entities, bool attends)
    {
        _encoder = encoder;
        int width = encoder.Width, inner = encoder.InnerWidth, entityWidth = entities.Width;
        _mixer = Own("mixer", encoder.Mixer());
        _mixerNorm = Own("mixerNorm", new Norm(width, encoder.Epsilon));
        if (attends)
        {
            _entityMixer = Own<ISequenceMixer>("entityMixer", new SelfAttention(entities));
            _entityMixerNorm = Own("entityMixerNorm", new Norm(entityWidth, encoder.Epsilon));
        }
        _up = Own("up", new Linear(width, inner, encoder.Initializer));
        _entityUp = Own("entityUp", new Linear(entityWidth, inner, encoder.Initializer));
        _down = Own("down", new Linear(inner, width, encoder.Initializer));
        _entityDown = Own("entityDown", new Linear(inner, entityWidth, encoder.Initializer));
        _norm = Own("norm", new Norm(width, encoder.Epsilon));
        _entityNorm = Own("entityNorm", new Norm(entityWidth, encoder.Epsilon));
    }

    /// <summary>Puts other mixers in both streams.</summary>
    /// <param name="tokens">For the token stream.</param>
    /// <param name="entities">For the entity stream.</param>
    /// <param name="entityWidth">The width of the entity stream.</param>
    public void ReplaceMixers(MixerReplacement tokens, MixerReplacement entities, int entityWidth)
    {
        _mixer = Replace("mixer", tokens.For(_mixer, _encoder.Width));
        if (_entityMixer is not null)
            _entityMixer = Replace("entityMixer", entities.For(_entityMixer, entityWidth));
    }

    /// <summary>Runs the block.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="tokens">The token stream, <c>[rows, width]</c>.</param>
    /// <param name="entities">The entity stream, <c>[rows, entity width]</c>.</param>
    /// <param name="aligned">1 where a row has an entity and 0 elsewhere, <c>[rows, 1]</c>.</param>
    /// <param name="context">The sequences and which token rows may be seen.</param>
    /// <param name="entityContext">The sequences and which entity rows may be seen.</param>
    public (Tensor Tokens, Tensor Entities) Forward(
        Pass pass, Tensor tokens, Tensor entities, Tensor aligned, MixerContext context, MixerContext entityContext)
    {
        Tape tape = pass.Tape;
        float dropout = _encoder.Dropout;
        tokens = _mixerNorm.AddNorm(tape, _mixer.Mix(pass, tokens, context), tokens, dropout);
        if (_entityMixer is not null)
        {
            // A trace holds the attention of tokens alone.
            Tensor update = _entityMixer.Mix(pass with { Trace = null }, entities, entityContext);
            entities = _entityMixerNorm!.AddNorm(tape, update, entities, dropout);
        }
        // Rows without an entity add their bias to the hidden layer, and leave the block as something else than zeros; the next block hides them again.
        entities = tape.Multiply(entities, aligned);
        Tensor inner = tape.Activate(tape.Add(_up.Forward(tape, tokens), _entityUp.Forward(tape, entities)), _encoder.Activation);
        return (
            _norm.AddNorm(tape, _down.Forward(tape, inner), tokens, dropout),
            _entityNorm.AddNorm(tape, _entityDown.Forward(tape, inner), entities, dropout));
    }
}
