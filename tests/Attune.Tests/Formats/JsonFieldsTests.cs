using System.Text;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class JsonFieldsTests
{
    private static JsonFields Parse(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json), "config.json");

    [Fact]
    public void GettersReadTheirTypes()
    {
        JsonFields f = Parse("""
            {"i": 3, "whole": 4.0, "f": 1e-12, "b": true, "s": "x", "none": null, "list": [1, 2], "words": ["a"],
             "labels": {"0": "no", "1": "yes"}, "child": {"i": 5}, "items": [{"i": 6}]}
            """);
        Assert.Equal(3, f.Int("i"));
        Assert.Equal(4, f.Size("whole"));
        Assert.Equal(7, f.Int("absent", 7));
        Assert.Equal(8, f.Int("none", 8));
        Assert.Equal(1e-12, f.Float("f"));
        Assert.True(f.Bool("b"));
        Assert.Equal("x", f.String("s"));
        Assert.Null(f.StringOrNull("none"));
        Assert.Equal([1, 2], f.IntArray("list"));
        Assert.Equal(["a"], f.StringArray("words"));
        Assert.Equal([KeyValuePair.Create("0", "no"), KeyValuePair.Create("1", "yes")], f.StringMapOrNull("labels")!);
        Assert.Equal(5, f.Child("child").Int("i"));
        Assert.Equal(6, Assert.Single(f.Children("items")).Int("i"));
        Assert.False(f.Has("none"));
        Assert.True(f.Has("i"));
    }

    [Fact]
    public void UnreadKeysAreThoseNobodyAskedFor()
    {
        JsonFields f = Parse("""{"a": 1, "b": 2, "child": {"c": 3, "d": 4}, "items": [{"e": 5}]}""");
        _ = f.Int("a");
        _ = f.Child("child").Int("d");
        _ = f.Children("items");
        Assert.Equal(["b", "child.c", "items[0].e"], f.UnreadKeys);
    }

    [Theory]
    [InlineData("""{"n": "3"}""", "'n'", "\"3\"", "an integer")]
    [InlineData("""{"n": 3.5}""", "'n'", "3.5", "an integer")]
    [InlineData("""{"n": 99999999999}""", "'n'", "99999999999", "32 bits")]
    [InlineData("""{"n": 0}""", "'n'", "0", "at least 1")]
    [InlineData("""{}""", "'n'", "missing", "an integer")]
    [InlineData("""{"n": null}""", "'n'", "null", "an integer")]
    public void WrongValuesAreNamed(string json, string field, string found, string expected)
    {
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => Parse(json).Size("n"));
        Assert.All(["config.json", field, found, expected], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.Equal("config.json", e.Path);
    }

    [Fact]
    public void NestedFieldsAreNamedWithTheirParents()
    {
        JsonFields f = Parse("""{"a": {"b": [{"c": true}]}}""");
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => f.Child("a").Children("b")[0].Int("c"));
        Assert.Contains("'a.b[0].c'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"a\": \"\\ud800\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    public void BadJsonIsRefused(string json) => Assert.Throws<AttuneFormatException>(() => Parse(json));

    [Fact]
    public void DeepNestingIsRefused() =>
        Assert.Throws<AttuneFormatException>(() => Parse($"{{\"a\": {new string('[', 5000)}{new string(']', 5000)}}}"));

    [Fact]
    public void AMissingFileIsNamed()
    {
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => JsonFields.Load("/nowhere/config.json"));
        Assert.Contains("/nowhere/config.json", e.Message, StringComparison.Ordinal);
    }
}
