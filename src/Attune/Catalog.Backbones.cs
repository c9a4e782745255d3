using Attune.Backbones;
using Attune.Backbones.Albert;
using Attune.Backbones.Bart;
using Attune.Backbones.Bert;
using Attune.Backbones.ConvSeq2Seq;
using Attune.Backbones.DistilBert;
using Attune.Backbones.Electra;
using Attune.Backbones.Ernie;
using Attune.Backbones.ErnieThu;
using Attune.Backbones.Feedback;
using Attune.Backbones.Fpt;
using Attune.Backbones.Gpt2;
using Attune.Backbones.GptNeo;
using Attune.Backbones.LightConv;
using Attune.Backbones.Linformer;
using Attune.Backbones.OpenAiGpt;
using Attune.Backbones.Roberta;
using Attune.Backbones.SetTransformer;
using Attune.Backbones.SpanBert;
using Attune.Backbones.SwitchTransformers;
using Attune.Backbones.T5;
using Attune.Backbones.Transformer;
using Attune.Backbones.TransfoXl;
using Attune.Backbones.Xlnet;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The families of models, under the <c>model_type</c> of their configurations.</summary>
    public static CatalogAxis<IFamily> Backbones { get; } = new("backbone", family => family.ModelType,
    [
        new BertFamily(),
        new RobertaFamily(),
        new DistilBertFamily(),
        new AlbertFamily(),
        new ElectraFamily(),
        new ErnieFamily(),
        new ErnieThuFamily(),
        new SpanBertFamily(),
        new OpenAiGptFamily(),
        new Gpt2Family(),
        new GptNeoFamily(),
        new TransfoXlFamily(),
        new XlnetFamily(),
        new T5Family(),
        new SwitchTransformersFamily(),
        new BartFamily(),
        new LightConvFamily("lightconv"),
        new LightConvFamily("dynamicconv"),
        new ConvSeq2SeqFamily(),
        new LinformerFamily(),
        new FeedbackFamily(),
        new SetTransformerFamily(),
        new FptFamily(),
        new TransformerFamily(),
    ]);
}
