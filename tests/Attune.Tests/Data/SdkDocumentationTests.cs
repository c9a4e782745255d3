using Attune.Data.Corpora;
using Attune.Data.Labelled;
using Attune.Data.SdkDocs;
using Attune.Formats;
using Attune.Tests.Formats;
using Xunit;

namespace Attune.Tests.Data;

public sealed class SdkDocumentationTests : IDisposable
{
    private static readonly Lazy<SdkDocumentation> s_sdk = new(SdkDocumentation.Load);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SdkDocumentation Parse(string members) =>
        SdkDocumentation.Load([_folder.Write("Some.xml", $"<doc><assembly><name>Some</name></assembly><members>{members}</members></doc>")]);

    [Fact]
    public void ReferencesBecomeReadableText()
    {
        SdkDocumentation sdk = Parse("""
            <member name="T:System.IO.File"><summary>Opens a <see cref="T:System.IO.Stream" /> of <paramref name="path" />,
              or <see langword="null" />.</summary></member>
            <member name="M:System.IO.File.Open(System.String,System.Int32)">
              <summary>Calls <see cref="M:System.IO.File.Open(System.String)" /> e.g. The <c>Length</c> of it. See <see href="https://x.y">this page about files</see>.</summary>
              <param name="path">The path of the file.<para>Another paragraph stands here.</para></param>
              <returns>A <see cref="T:System.Collections.Generic.List`1" /> made by <see cref="M:System.IO.File.#ctor" />.</returns>
              <example><code>var x = 1;</code></example>
              <exception cref="T:System.ArgumentNullException">
                <paramref name="path" /> is <see langword="null" />.</exception>
              <remarks>fragment without capital. Code follows now: <code>int i = 0;</code></remarks>
            </member>
            """);
        DocumentedType type = Assert.Single(sdk.Types);
        Assert.Equal("System.IO.File", type.Name);
        Assert.Equal("System.IO", type.Namespace);
        Assert.Equal(
            [
                "Opens a Stream of path, or null.",
                "Calls File.Open e.g. The Length of it.",
                "See this page about files.",
                "The path of the file.",
                "Another paragraph stands here.",
                "A List made by File.",
            ],
            type.Sentences);
    }

    [Fact]
    public void NestedTypesBelongToTheOutermostAndDuplicatesGo()
    {
        SdkDocumentation sdk = Parse("""
            <member name="T:System.IO.Outer"><summary>The outer type is here.</summary></member>
            <member name="T:System.IO.Outer.Inner"><summary>The inner type is here.</summary></member>
            <member name="F:System.IO.Outer.Inner.Value"><summary>The outer type is here.</summary></member>
            <member name="T:System.Net.Other"><summary>The inner type is here.</summary></member>
            """);
        DocumentedType type = Assert.Single(sdk.Types);
        Assert.Equal("System.IO.Outer", type.Name);
        Assert.Equal(["The outer type is here.", "The inner type is here."], type.Sentences);
    }

    [Fact]
    public void MembersWithOddNamesArePassedOver() => Assert.Equal(
        ["System.IO.File"],
        Parse(string.Concat(new[] { "(:x", "T:", "T", "M:()", "", "T:System.IO.File" }.Select((name, i) =>
            $"<member name=\"{name}\"><summary>Here stands sentence number {(char)('a' + i)}.</summary></member>"))).Types.Select(type => type.Name));

    [Theory]
    [InlineData("System.IO", "IO")]
    [InlineData("System.IO.Pipes", "IO")]
    [InlineData("System.Xml.Linq", "Xml")]
    [InlineData("System.IOther", null)]
    [InlineData("System", null)]
    public void NamespacesHaveAreas(string name, string? area)
    {
        int id = SdkDocumentation.AreaOf(name);
        Assert.Equal(area, id < 0 ? null : SdkDocumentation.Areas.Names[id]);
    }

    [Fact]
    public void BadXmlIsNamed()
    {
        string path = _folder.Write("Bad.xml", "<doc><members><member name=\"T:A\"></doc>");
        Assert.Contains(path, Assert.Throws<AttuneFormatException>(() => SdkDocumentation.Load([path])).Message, StringComparison.Ordinal);
        string bomb = _folder.Write("Bomb.xml", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><doc>&a;</doc>");
        Assert.Throws<AttuneFormatException>(() => SdkDocumentation.Load([bomb]));
    }

    [Fact]
    public void TheInstalledSdkHasEnoughText()
    {
        SdkDocumentation sdk = s_sdk.Value;
        CorpusStatistics train = CorpusStatistics.Count(sdk.Corpus(SdkPart.Train).Documents());
        CorpusStatistics validation = CorpusStatistics.Count(sdk.Corpus(SdkPart.Validation).Documents());
        TestContext.Current.TestOutputHelper?.WriteLine($"train {train}\nvalidation {validation}");
        Assert.True(train.Words > 500_000, $"{train}");
        Assert.InRange(validation.Documents, train.Documents / 15, train.Documents / 6);
    }

    [Fact]
    public void NothingLeaksBetweenTheParts()
    {
        SdkDocumentation sdk = s_sdk.Value;
        HashSet<string> types = [.. sdk.TypesOf(SdkPart.Train).Select(type => type.Name)];
        HashSet<string> sentences = [.. sdk.TypesOf(SdkPart.Train).SelectMany(type => type.Sentences)];
        Assert.DoesNotContain(sdk.TypesOf(SdkPart.Validation), type => types.Contains(type.Name));
        Assert.DoesNotContain(sdk.TypesOf(SdkPart.Validation).SelectMany(type => type.Sentences), sentences.Contains);
        Assert.Equal(sdk.Types.Count, types.Count + sdk.TypesOf(SdkPart.Validation).Count());
    }

    [Fact]
    public void AreasAreBalanced()
    {
        foreach (SdkPart part in new[] { SdkPart.Train, SdkPart.Validation })
        {
            LabelledSet set = s_sdk.Value.AreaSentences(part);
            int[] counts = set.CountByLabel();
            TestContext.Current.TestOutputHelper?.WriteLine($"{part}: {set.Labels}: {counts[0]} each; {string.Join(" | ", set.Rows.Take(12).Select(r => r.Text))}");
            Assert.All(counts, count => Assert.Equal(counts[0], count));
            Assert.True(counts[0] >= (part == SdkPart.Train ? 1000 : 100));
            // Mixed: the first rows are not all of one area.
            Assert.True(set.Rows.Take(50).Select(row => row.Label).Distinct().Count() >= 5);
        }
        Assert.All(s_sdk.Value.AreaSentences(SdkPart.Train, 10).CountByLabel(), count => Assert.Equal(10, count));
    }

    [Fact]
    public void WithoutAnSdkTheErrorNamesTheWayOut()
    {
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => SdkReferencePack.Find([_folder.Path]));
        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("--text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNewestPackIsTaken()
    {
        foreach (string version in new[] { "9.0.10", "10.0.2", "10.0.10" })
            _folder.Write($"packs/Microsoft.NETCore.App.Ref/{version}/ref/net/System.xml", "<doc/>");
        Directory.CreateDirectory(_folder.File("packs/Microsoft.NETCore.App.Ref/11.0.0"));
        string file = Assert.Single(SdkReferencePack.Find([_folder.File("absent"), _folder.Path]));
        Assert.Contains("10.0.10", file, StringComparison.Ordinal);
    }
}
